// Owns the curves of one character's emotions over time, with the lines its rules wait for drawn in.

import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { placeOf } from "./run.js";
import { faint } from "./words.js";

export const GUTTER = 92;
/** Pixels to the left of every time axis on the page, so that curves and lanes share one. */
const MARGIN = 14;
const MOST_POINTS = 700;
const FONT = "11px system-ui, sans-serif";

/** [times, one list a label] of a window of time, thinned to what a screen can show. */
function series(run, row, [low, high], labels) {
  const { frames, stage } = run;
  const width = stage.labels.length;
  const byTime = (each) => each.time;
  const start = Math.max(0, placeOf(frames, low, byTime));
  const end = Math.min(frames.length - 1, placeOf(frames, high, byTime) + 1);
  const step = Math.max(1, Math.ceil((end - start) / MOST_POINTS));
  const places = [];
  // counted from the first frame of all, so that a moving window always takes the same ones
  for (let k = Math.floor(start / step) * step; k <= end; k += step) places.push(k);
  if (places.length && places[places.length - 1] !== end) places.push(end);
  const columns = labels.map((label) => row * width + stage.labels.indexOf(label));
  return [places.map((k) => frames[k].time), ...columns.map((c) => places.map((k) => frames[k].emotion[c]))];
}

/** The other run's values at the times of this one. */
function ghosts(other, name, times, labels) {
  const row = other.row?.get(name);
  if (row === undefined || !other.stage) return labels.map(() => times.map(() => null));
  const width = other.stage.labels.length;
  const found = times.map((time) => {
    const place = placeOf(other.frames, time + 1e-6, (each) => each.time);
    const frame = other.frames[place];
    return frame && (place < other.frames.length - 1 || time - frame.time < 0.1) ? frame : null;
  });
  return labels.map((label) => {
    const column = row * width + other.stage.labels.indexOf(label);
    return found.map((frame) => (frame ? frame.emotion[column] : null));
  });
}

export function Curves({ run, other, name, row, player, shown, focus, seek }) {
  const place = useRef(null);
  const plot = useRef(null);
  const now = useRef({});
  const stage = run.stage;
  const labels = stage.labels.filter((label) => label !== "neutral");
  const lines = (stage.lines[stage.characters[row].lines] ?? []).filter(
    (line) => shown.has(line.label) && (!focus || line.label === focus),
  );
  now.current = { lines, focus, time: player.time, stage, seek };

  useEffect(() => {
    const width = () => place.current.clientWidth;
    const height = () => place.current.clientHeight;
    const axis = { stroke: "#8793a5", font: FONT, grid: { stroke: "#232935", width: 1 }, ticks: { show: false } };
    const one = (label, ghost) => ({
      label: ghost ? `${label} (other run)` : label,
      stroke: () => {
        const colour = stage.colours[label];
        const dim = now.current.focus && now.current.focus !== label;
        return faint(colour, (ghost ? 0.45 : 1) * (dim ? 0.28 : 1));
      },
      width: ghost ? 1.25 : 2,
      dash: ghost ? [4, 4] : undefined,
      points: { show: false },
    });
    const made = new uPlot(
      {
        width: width(),
        height: height(),
        padding: [10, MARGIN, 0, 0],
        legend: { show: false },
        cursor: { drag: { x: false, y: false }, points: { show: false }, y: false },
        scales: { x: { time: false, range: () => now.current.window ?? [0, 1] }, y: { range: [0, 1] } },
        series: [{}, ...labels.map((label) => one(label, false)), ...(other ? labels.map((label) => one(label, true)) : [])],
        axes: [
          { ...axis, size: 26, values: (_, marks) => marks.map((mark) => `${+mark.toFixed(2)} s`) },
          { ...axis, size: GUTTER, gap: 8, splits: () => [0, 0.2, 0.4, 0.6, 0.8, 1], values: (_, marks) => marks.map((mark) => mark.toFixed(1)) },
        ],
        hooks: { draw: [(u) => overlay(u, now.current)] },
      },
      [[], ...labels.map(() => []), ...(other ? labels.map(() => []) : [])],
      place.current,
    );
    plot.current = made;
    const watching = new ResizeObserver(() => made.setSize({ width: width(), height: height() }));
    watching.observe(place.current);
    const click = (event) => {
      const box = made.over.getBoundingClientRect();
      now.current.seek(made.posToVal(event.clientX - box.left, "x"));
    };
    let down = false;
    made.over.addEventListener("pointerdown", (event) => {
      down = true;
      made.over.setPointerCapture(event.pointerId);
      click(event);
    });
    made.over.addEventListener("pointermove", (event) => down && click(event));
    made.over.addEventListener("pointerup", () => (down = false));
    return () => {
      watching.disconnect();
      made.destroy();
    };
  }, [run.stage, Boolean(other)]);

  useEffect(() => {
    const u = plot.current;
    now.current.window = player.window;
    labels.forEach((label, k) => {
      const on = shown.has(label);
      for (const index of other ? [k + 1, k + 1 + labels.length] : [k + 1]) {
        if (u.series[index].show !== on) u.setSeries(index, { show: on }, false);
      }
    });
    const data = series(run, row, player.window, labels);
    u.setData(other ? [...data, ...ghosts(other, name, data[0], labels)] : data);
  });
  return <div class="plot" ref={place} />;
}

/** Thresholds with the rule's name at the right end, and the playhead. */
function overlay(u, { lines, time, stage }) {
  const { ctx } = u;
  const sharp = uPlot.pxRatio;
  const { left, top, width, height } = u.bbox;
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, width, height);
  ctx.clip();
  ctx.font = `${11 * sharp}px system-ui, sans-serif`;
  ctx.textAlign = "right";
  const taken = [];
  for (const line of lines) {
    const y = u.valToPos(line.value, "y", true);
    ctx.strokeStyle = faint(stage.colours[line.label], line.kind === "trigger" ? 0.75 : 0.45);
    ctx.lineWidth = sharp;
    ctx.setLineDash(line.kind === "trigger" ? [6 * sharp, 4 * sharp] : [1.5 * sharp, 4 * sharp]);
    ctx.beginPath();
    ctx.moveTo(left, y);
    ctx.lineTo(left + width, y);
    ctx.stroke();
    const text = line.kind === "trigger" ? `${line.rule} ${line.op} ${line.value}` : `ends ${line.rule} ${line.op} ${line.value}`;
    let right = left + width - 6 * sharp;
    const wide = ctx.measureText(text).width;
    for (const [a, b, other] of taken) {
      if (Math.abs(other - y) < 13 * sharp && right > a && right - wide < b) right = a - 12 * sharp;
    }
    taken.push([right - wide, right, y]);
    ctx.setLineDash([]);
    ctx.lineWidth = 4 * sharp;
    ctx.lineJoin = "round";
    ctx.strokeStyle = "rgba(25,29,37,0.9)";
    ctx.strokeText(text, right, y - 4 * sharp);
    ctx.fillStyle = faint(stage.colours[line.label], 0.95);
    ctx.fillText(text, right, y - 4 * sharp);
  }
  ctx.setLineDash([]);
  const x = u.valToPos(time, "x", true);
  ctx.strokeStyle = "#e9eef5";
  ctx.lineWidth = 1.25 * sharp;
  ctx.beginPath();
  ctx.moveTo(x, top);
  ctx.lineTo(x, top + height);
  ctx.stroke();
  ctx.restore();
}
