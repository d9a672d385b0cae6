// Owns the foot of the page: the scrubber over everything kept, with events and bookmarks, and the buttons around it.

import { Canvas } from "./canvas.jsx";
import { KIND_COLOURS } from "./log.jsx";
import { clock } from "./words.js";

const SHOWN = new Set(["said", "event", "push", "trouble"]);

export function Transport({ run, player, seek, act, parts }) {
  const { first, last } = run;
  const span = Math.max(1, last - first);
  const live = run.about.live;
  const share = (tick) => (tick - first) / span;
  const draw = (context, width, height) => {
    context.fillStyle = "#232935";
    context.beginPath();
    context.roundRect(0, height / 2 - 3, width, 6, 3);
    context.fill();
    const low = share(player.window[0] * player.rate) * width;
    const high = share(player.window[1] * player.rate) * width;
    context.fillStyle = "#36404f";
    context.fillRect(Math.max(0, low), height / 2 - 3, Math.max(2, Math.min(width, high) - Math.max(0, low)), 6);
    for (const line of run.log) {
      if (!SHOWN.has(line.kind)) continue;
      context.fillStyle = KIND_COLOURS[line.kind];
      context.fillRect(share(line.tick) * width - 0.75, height / 2 - 8, 1.5, 16);
    }
    if (parts) {
      context.fillStyle = "#d9686a";
      context.fillRect(share(parts) * width - 1, 0, 2, height);
    }
    for (const mark of player.marks) {
      const x = share(mark) * width;
      context.fillStyle = "#f2c75c";
      context.beginPath();
      context.moveTo(x - 5, 0);
      context.lineTo(x + 5, 0);
      context.lineTo(x, 8);
      context.fill();
    }
    context.fillStyle = "#f4f7fb";
    context.beginPath();
    context.arc(share(player.tick) * width, height / 2, 7, 0, 7);
    context.fill();
  };
  const drag = (event) => {
    const box = event.currentTarget.getBoundingClientRect();
    seek(first + Math.max(0, Math.min(1, (event.clientX - box.left) / box.width)) * span);
  };
  const begin = (event) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    drag(event);
  };
  const moving = player.follow || player.playing;
  return (
    <footer>
      <div class="buttons">
        <button id="play" onClick={act.toggle} title="Space">{moving ? "Pause" : "Play"}</button>
        <button id="back" onClick={() => act.step(-1)} title="Left arrow; with Shift ten ticks">−1</button>
        <button id="forward" onClick={() => act.step(1)} title="Right arrow; with Shift ten ticks">+1</button>
        <button id="mark" class={player.marks.includes(player.tick) ? "on" : ""} onClick={act.mark} title="B">Bookmark</button>
        <button id="zoom" onClick={act.zoom} title="Z">{player.span ? `${player.span} s` : "all"}</button>
        {live && <button id="live" class={player.follow ? "on" : ""} onClick={act.live} title="L">Live</button>}
        {parts && <button id="parts" onClick={() => seek(parts)}>Runs part at {parts}</button>}
      </div>
      <div class="scrubber" id="scrub">
        <Canvas draw={draw} height={26} onPointerDown={begin} onPointerMove={(e) => e.buttons && drag(e)} />
      </div>
      <div class="clock">
        <b id="tick" data-tick={player.tick}>{player.tick}</b>
        <span>{clock(player.time)} of {clock(last / player.rate)}</span>
      </div>
    </footer>
  );
}
