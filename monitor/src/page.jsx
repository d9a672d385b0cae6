// Owns the page: one run (or two to compare), one playhead, one chosen character; everything else is drawn from these.

import "uplot/dist/uPlot.min.css";
import "./page.css";
import { render } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Curves } from "./curves.jsx";
import { Edit } from "./edit.jsx";
import { faceSvg } from "./face.js";
import { Lanes, lanesHeight } from "./lanes.jsx";
import { Line } from "./line.js";
import { Log } from "./log.jsx";
import { Map as Floor } from "./map.jsx";
import { People } from "./people.jsx";
import { Player } from "./player.js";
import { Run } from "./run.js";
import { Transport } from "./transport.jsx";
import { Tree } from "./tree.jsx";
import { Why } from "./why.jsx";
import { feelings, strongest } from "./words.js";

const LEAST_MS = 33;
const REST = 2;
/** After a picture the page rests at least this many times as long as the picture took: frames never queue up. */
const EVERY_S = 0.1;

const run = new Run();
const other = new Run();
const player = new Player(run);
const state = { link: "connecting", words: "", trouble: "", chosen: "", focus: null, hidden: new Set(["neutral"]), drawn: 0 };
let second = null;

const line = new Line("a", (data) => hear(run, data), (link, words) => Object.assign(state, { link, words }));

function hear(which, data) {
  const ask = (what) => (which === run ? line : second).ask(what);
  if (typeof data === "string" && data.startsWith('{"type":"refused"')) {
    state.trouble = JSON.parse(data).message;
    return;
  }
  const began = which.take(data, ask);
  if (!began || which !== run) return;
  player.begin();
  if (!run.row.has(state.chosen)) state.chosen = run.stage.characters[0]?.name ?? "";
  look();
  if (run.about.runs?.b && !second) second = new Line("b", (more) => hear(other, more), () => {});
}

const look = () => line.ask({ type: "look", characters: [state.chosen] });

const act = {
  toggle: () => player.toggle(),
  step: (ticks) => player.step(ticks),
  mark: () => player.mark(),
  zoom: () => player.zoom(),
  live: () => player.goLive(),
  seek: (tick) => player.seek(tick),
  seekTime: (time) => player.seekTime(time),
  choose: (name) => {
    state.chosen = name;
    look();
  },
};

const KEYS = {
  " ": act.toggle, b: act.mark, l: act.live, z: act.zoom,
  ArrowLeft: (event) => act.step(event.shiftKey ? -10 : -1),
  ArrowRight: (event) => act.step(event.shiftKey ? 10 : 1),
};
addEventListener("keydown", (event) => {
  if (event.target.closest("input, select")) return;
  const does = KEYS[event.key];
  if (does) {
    event.preventDefault();
    does(event);
  }
});

function Face({ frame, row, ghost }) {
  const { face, shapes } = run.stage;
  if (!face || !frame?.face) return <p class="quiet">This stream carries no faces.</p>;
  const width = shapes.length;
  const weights = frame.face.subarray(row * width, (row + 1) * width);
  const html = faceSvg(face, weights, ghost ? "g" : "f");
  return <svg class="face" viewBox="20 -30 280 370" dangerouslySetInnerHTML={{ __html: html }} />;
}

function Chips({ frame, row }) {
  const now = feelings(run.stage, frame, row);
  const press = (label, event) => {
    if (event.shiftKey) state.hidden.has(label) ? state.hidden.delete(label) : state.hidden.add(label);
    else state.focus = state.focus === label ? null : label;
  };
  return (
    <div class="chips">
      {run.stage.labels.filter((label) => label !== "neutral").map((label) => (
        <button
          key={label} data-emotion={label} title="Click: only this one. Shift-click: hide it."
          class={`chip ${state.hidden.has(label) ? "off" : ""} ${state.focus === label ? "on" : ""}`}
          onClick={(event) => press(label, event)}
        >
          <i style={{ background: run.stage.colours[label] }} />
          {label} <b>{now[label].toFixed(2)}</b>
        </button>
      ))}
    </div>
  );
}

function Head({ frame }) {
  const paused = run.paused && state.link === "open";
  const word = state.link === "open" ? (run.about.live ? (paused ? "paused" : "live") : "recording") : state.link;
  return (
    <header>
      <b>{run.stage?.scene ?? "emotion-runtime"}</b>
      <span class={`pill ${word}`} id="link">{word}</span>
      {run.about.runs && <span class="quiet">{run.about.runs.a}{run.about.runs.b ? `, dashed: ${run.about.runs.b}` : ""}</span>}
      {run.about.note && <span class="trouble">{run.about.note}</span>}
      {state.words && <span class="trouble">{state.words}</span>}
      <span class="grow" />
      {run.skipped > 0 && <span class="quiet">{run.skipped} frames skipped</span>}
      <span class="quiet">{run.stage ? `${run.stage.characters.length} characters · ${run.stage.rate}/s` : ""}</span>
    </header>
  );
}

function Page() {
  const [, redraw] = useState(0);
  const [mine, setMine] = useState(false);
  const clockwork = useRef({ last: performance.now(), due: 0 });
  useEffect(() => {
    let handle = 0;
    const beat = (now) => {
      handle = requestAnimationFrame(beat);
      const { last, due } = clockwork.current;
      if (now < due) return;
      player.advance((now - last) / 1000);
      const began = performance.now();
      redraw((n) => n + 1);
      requestAnimationFrame(() => {
        const cost = performance.now() - began;
        clockwork.current.due = began + Math.max(LEAST_MS, Math.min(1000, REST * cost));
      });
      clockwork.current.last = now;
      state.drawn += 1;
    };
    handle = requestAnimationFrame(beat);
    return () => cancelAnimationFrame(handle);
  }, []);

  if (!run.stage) {
    return (
      <div class="page empty">
        <Head />
        <main class="wait"><p>{state.words || "Waiting for the sidecar…"}</p></main>
      </div>
    );
  }
  const row = run.row.get(state.chosen) ?? 0;
  const frame = run.at(player.tick);
  const moment = run.momentAt(player.tick);
  if (frame && !(player.follow && run.about.live)) run.need(player.tick, Math.round(run.stage.rate * EVERY_S), (w) => line.ask(w));
  const name = state.chosen;
  const labels = run.stage.labels.filter((label) => label !== "neutral");
  const shown = new Set(labels.filter((label) => !state.hidden.has(label) && (!state.focus || state.focus === label || true)));
  const rules = (run.stage.trees[run.stage.characters[row].tree] ?? [])
    .map((node, place) => ({ rule: node.rule, node: place }))
    .filter((each) => each.rule);
  const acts = moment?.who[name]?.acts ?? [];
  return (
    <div class={`page ${state.link === "open" ? "" : "away"}`} data-drawn={state.drawn}>
      <Head frame={frame} />
      <main class={run.about.edit ? "editing" : ""}>
        <People run={run} frame={frame} chosen={name} choose={act.choose} />
        <section class="panel person-card">
          <h2 class="who">{name}</h2>
          <p class="mood">{moment?.who[name]?.mood ?? " "}</p>
          <Face frame={frame} row={row} />
          <p class="doing">
            {acts.length
              ? acts.map((one) => `${one.rule}${one.bearers.length ? ` → ${one.bearers.join(", ")}` : ""}`).join("; ")
              : frame && run.stage.actions[frame.action[row]] || "does nothing"}
          </p>
          {acts.slice(0, 2).map((one) => (
            <div key={one.rule} class="progress" title={`${one.elapsed.toFixed(1)} of ${one.lasts} s`}>
              <span style={{ width: `${Math.min(100, (100 * one.elapsed) / Math.max(0.1, one.lasts))}%` }} />
            </div>
          ))}
        </section>
        <section class="panel time">
          <Chips frame={frame} row={row} />
          <Curves run={run} other={run.about.runs?.b ? other : null} name={name} row={row} player={player} shown={shown} focus={state.focus} seek={act.seekTime} />
          <div class="lane-room" style={{ height: `${lanesHeight(rules)}px` }}>
            <Lanes run={run} row={row} player={player} rules={rules} seek={act.seekTime} />
          </div>
        </section>
        <section class="panel why">
          <h2>Why {name} feels {state.focus ?? strongest(run.stage, frame, row)?.label ?? "so"}</h2>
          <div class="scroll"><Why run={run} name={name} moment={moment} focus={state.focus} seek={act.seek} /></div>
        </section>
        <section class="panel branches">
          <h2>{run.stage.characters[row].tree || "Tree"}</h2>
          <div class="scroll"><Tree run={run} row={row} player={player} moment={moment} /></div>
        </section>
        <section class="panel floor">
          <h2>Where · heat of {state.focus ?? strongest(run.stage, frame, row)?.label}</h2>
          <div class="fill"><Floor run={run} frame={frame} moment={moment} row={row} focus={state.focus} choose={act.choose} /></div>
        </section>
        <Log run={run} player={player} name={name} mine={mine} setMine={setMine} seek={act.seek} />
        {run.about.edit && <Edit run={run} name={name} moment={moment} ask={(what) => line.ask(what)} trouble={state.trouble} />}
      </main>
      <Transport run={run} player={player} seek={act.seek} act={act} parts={run.about.parts} />
    </div>
  );
}

// for tests, and for whoever looks from the console
window.monitor = { run, other, player, state, line, act, faceSvg };
render(<Page />, document.getElementById("page"));
