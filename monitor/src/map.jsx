// Owns the map from above: areas, ranges of objects, hearing, who stands where, and the heat of one emotion.

import { Canvas } from "./canvas.jsx";
import { faint, strongest } from "./words.js";

const REACH = 2.2;
/** Metres over which the heat of one character fades to a half or so. */

export function Map({ run, frame, moment, row, focus, choose }) {
  const stage = run.stage;
  const places = moment?.places ?? [];
  const n = stage.characters.length;
  let view = null;
  const draw = (context, width, height) => {
    if (!places.length) return;
    view = fit(stage, places, width, height);
    const at = ([x, z]) => [view.x + (x - view.low[0]) * view.scale, view.y + (view.high[1] - z) * view.scale];
    for (const area of stage.areas) {
      const [x0, y0] = at([area.low[0], area.high[1]]);
      const [x1, y1] = at([area.high[0], area.low[1]]);
      context.fillStyle = "#1e2430";
      context.beginPath();
      context.roundRect(x0, y0, x1 - x0, y1 - y0, 6);
      context.fill();
      context.fillStyle = "#5d697c";
      context.font = "11px system-ui, sans-serif";
      context.textAlign = "left";
      context.fillText(area.name, x0 + 8, y0 + 16);
    }
    const felt = focus ?? strongest(stage, frame, row)?.label;
    if (frame && felt) heat(context, stage, frame, places, felt, at, view.scale);
    stage.objects.forEach((thing, k) => {
      const spot = places[n + k];
      if (!spot) return;
      const [x, y] = at(spot);
      for (const range of thing.ranges) {
        if (range.within === null) continue;
        context.beginPath();
        context.arc(x, y, range.within * view.scale, 0, 7);
        context.strokeStyle = faint(range.colour, 0.5);
        context.lineWidth = 1;
        context.setLineDash([2, 4]);
        context.stroke();
        context.setLineDash([]);
      }
      context.fillStyle = "#7f8b9d";
      context.fillRect(x - 4, y - 4, 8, 8);
      label(context, thing.name, x, y + 17, "#8793a5");
    });
    if (places[row]) {
      const [x, y] = at(places[row]);
      context.beginPath();
      context.arc(x, y, stage.characters[row].hearing * view.scale, 0, 7);
      context.strokeStyle = "rgba(233,238,245,0.28)";
      context.setLineDash([6, 5]);
      context.stroke();
      context.setLineDash([]);
    }
    const small = n > 80;
    const order = stage.characters.map((_, k) => k).filter((k) => places[k] && k !== row);
    if (places[row]) order.push(row);
    for (const k of order) {
      const [x, y] = at(places[k]);
      const feels = strongest(stage, frame, k);
      context.beginPath();
      context.arc(x, y, (small ? 2.5 : 6) + (k === row ? 2 : 0), 0, 7);
      context.fillStyle = feels && feels.rise > 0.03 ? stage.colours[feels.label] : "#9aa5b1";
      context.fill();
      if (k === row) {
        context.lineWidth = 2;
        context.strokeStyle = "#fff";
        context.stroke();
      }
      if (!small || k === row) label(context, stage.characters[k].name, x, y - 12, k === row ? "#fff" : "#c3ccd9");
    }
  };
  const click = (event) => {
    if (!view) return;
    const box = event.currentTarget.getBoundingClientRect();
    const x = (event.clientX - box.left - view.x) / view.scale + view.low[0];
    const z = view.high[1] - (event.clientY - box.top - view.y) / view.scale;
    let best = -1;
    let near = 18 / view.scale;
    for (let k = 0; k < n && k < places.length; k++) {
      const metres = Math.hypot(places[k][0] - x, places[k][1] - z);
      if (metres < near) [best, near] = [k, metres];
    }
    if (best >= 0) choose(stage.characters[best].name);
  };
  return <Canvas draw={draw} onClick={click} class="map" />;
}

function label(context, text, x, y, colour) {
  context.font = "11px system-ui, sans-serif";
  context.textAlign = "center";
  context.lineWidth = 3;
  context.strokeStyle = "rgba(18,21,27,0.8)";
  context.strokeText(text, x, y);
  context.fillStyle = colour;
  context.fillText(text, x, y);
}

/** The scale and offsets with which all areas and places fit; the same from frame to frame for those who stand still. */
function fit(stage, places, width, height) {
  const xs = [...places.map((p) => p[0]), ...stage.areas.flatMap((a) => [a.low[0], a.high[0]])];
  const zs = [...places.map((p) => p[1]), ...stage.areas.flatMap((a) => [a.low[1], a.high[1]])];
  const least = (list) => list.reduce((a, b) => Math.min(a, b));
  const most = (list) => list.reduce((a, b) => Math.max(a, b));
  const low = [least(xs) - 1, least(zs) - 1];
  const high = [most(xs) + 1, most(zs) + 1];
  const scale = Math.min((width - 12) / (high[0] - low[0]), (height - 12) / (high[1] - low[1]), 60);
  const x = (width - (high[0] - low[0]) * scale) / 2;
  const y = (height - (high[1] - low[1]) * scale) / 2;
  return { low, high, scale, x, y };
}

function heat(context, stage, frame, places, felt, at, scale) {
  const width = stage.labels.length;
  const column = stage.labels.indexOf(felt);
  const most = Math.min(stage.characters.length, places.length);
  const strong = most > 400 ? 0.12 : 0;
  context.save();
  context.globalCompositeOperation = "lighter";
  for (let k = 0; k < most; k++) {
    const value = frame.emotion[k * width + column];
    if (value <= strong) continue;
    const [x, y] = at(places[k]);
    const reach = REACH * scale;
    const glow = context.createRadialGradient(x, y, 0, x, y, reach);
    glow.addColorStop(0, faint(stage.colours[felt], 0.55 * value));
    glow.addColorStop(0.5, faint(stage.colours[felt], 0.22 * value));
    glow.addColorStop(1, faint(stage.colours[felt], 0));
    context.fillStyle = glow;
    context.fillRect(x - reach, y - reach, 2 * reach, 2 * reach);
  }
  context.restore();
}
