// Owns the state lanes: one row a rule of the character's tree, on the same time axis as the curves.

import { Canvas } from "./canvas.jsx";
import { GUTTER } from "./curves.jsx";
import { placeOf } from "./run.js";
import { faint } from "./words.js";

const MARGIN = 14;
const ROW = 19;
const GREEN = "#58b27c";
const RED = "#d9686a";

export const lanesHeight = (rules) => Math.max(1, rules.length) * ROW + 6;

export function Lanes({ run, row, player, rules, seek }) {
  const start = run.stage.characters[row].node;
  const [low, high] = player.window;
  const draw = (context, width) => {
    const x = (time) => GUTTER + ((time - low) / (high - low)) * (width - GUTTER - MARGIN);
    context.font = "11px system-ui, sans-serif";
    rules.forEach(({ rule, node }, line) => {
      const y = line * ROW + 3;
      const colour = run.stage.rules[rule].colour;
      const running = run.stateAt(start + node, player.tick) === 1;
      context.fillStyle = running ? "#eef2f7" : "#8793a5";
      context.textAlign = "right";
      context.fillText(rule.length > 15 ? `${rule.slice(0, 14)}…` : rule, GUTTER - 10, y + 12);
      context.fillStyle = "#1d222c";
      context.fillRect(GUTTER, y, width - GUTTER - MARGIN, ROW - 5);
      bars(context, run, start + node, { y, colour, x, low, high, end: Math.max(player.time, run.last / player.rate) });
    });
    const at = x(player.time);
    if (at >= GUTTER - 1 && at <= width - MARGIN + 1) {
      context.fillStyle = "#e9eef5";
      context.fillRect(at - 0.6, 0, 1.25, rules.length * ROW + 4);
    }
  };
  const click = (event) => {
    const box = event.currentTarget.getBoundingClientRect();
    const share = (event.clientX - box.left - GUTTER) / (box.width - GUTTER - MARGIN);
    if (share >= 0) seek(low + share * (high - low));
  };
  return (
    <div class="lanes">
      <Canvas draw={draw} height={lanesHeight(rules)} onPointerDown={click} onPointerMove={(e) => e.buttons && click(e)} />
    </div>
  );
}

/** Where the node ran: a bar; how it ended: a mark at its end. */
function bars(context, run, node, { y, colour, x, low, high, end }) {
  const known = run.nodes.get(node) ?? [];
  const rate = run.stage.rate;
  const high_ = ROW - 5;
  context.save();
  context.beginPath();
  context.rect(GUTTER, 0, x(high) - GUTTER, 4000);
  context.clip();
  for (let k = Math.max(0, placeOf(known, low * rate, (each) => each[0])); k < known.length; k++) {
    const [tick, state] = known[k];
    const from = tick / rate;
    if (from > high) break;
    const until = k + 1 < known.length ? known[k + 1][0] / rate : end;
    const wide = Math.max(1.5, x(until) - x(from));
    if (state === 1) {
      context.fillStyle = faint(colour, 0.85);
      context.fillRect(x(from), y, wide, high_);
    } else if (state === 2 || state === 4) {
      context.fillStyle = state === 2 ? GREEN : RED;
      context.fillRect(x(from), y, 2, high_);
    }
  }
  context.restore();
}
