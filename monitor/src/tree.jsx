// Owns the indented tree of the chosen character: each node's state at the playhead, and the numbers behind it.

import { read, STATES } from "./words.js";

const SIGNS = { selector: "?", sequence: "→", parallel: "⇉", filter: "▽", repeat: "↻", modify: "◇", leaf: "", foreign: "∗" };

export function Tree({ run, row, player, moment }) {
  const person = run.stage.characters[row];
  const nodes = run.stage.trees[person.tree];
  if (!nodes) return <p class="quiet">{person.name} has no tree.</p>;
  const why = moment?.who[person.name]?.nodes;
  return (
    <ol class="tree">
      {nodes.map((node, place) => {
        const state = STATES[run.stateAt(person.node + place, player.tick)];
        const rule = node.rule && run.stage.rules[node.rule];
        return (
          <li key={place} class={`node ${state}`} data-node={place} data-state={state} title={rule ? `when ${rule.trigger}${rule.release ? `, until ${rule.release}` : ""}` : ""}>
            <span class="indent" style={{ width: `${node.depth * 14}px` }} />
            <span class="dot" style={state === "running" && rule ? { background: rule.colour } : {}} />
            {SIGNS[node.form] && <span class="sign">{SIGNS[node.form]}</span>}
            <span class="label">{label(node)}</span>
            <span class="because">{because(why?.[place], node)}</span>
          </li>
        );
      })}
    </ol>
  );
}

const JOINED = { parallel: "parallel, ", repeat: "repeat " };
const label = (node) => (node.text ? (JOINED[node.form] ?? "") + node.text : node.form);

function because(why, node) {
  if (!why) return "";
  const parts = [];
  if (node.form === "leaf" && why.bearer === "") return "nobody there";
  if (why.reads?.length) parts.push(why.reads.slice(0, 3).map(read).join(", "));
  if (why.bearer) parts.push(`→ ${why.bearer}`);
  if (why.left) parts.push(`${why.left.toFixed(1)} s`);
  if (why.count) parts.push(`× ${why.count}`);
  const fine = why.release ? !why.holds : why.holds;
  return <span class={why.reads ? (fine ? "holds" : "fails") : ""}>{parts.join("  ")}</span>;
}
