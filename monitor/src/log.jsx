// Owns the log: what was said, what happened and what began and ended up to the playhead; a click goes there.

import { placeOf } from "./run.js";
import { clock } from "./words.js";

const MOST = 60;
export const KIND_COLOURS = {
  said: "#9fb4d0", heard: "#9fb4d0", event: "#e8a30c", set: "#8793a5", push: "#d58cf0", start: "#58b27c", stop: "#66717f",
  trouble: "#d9686a",
};

export function Log({ run, player, name, mine, setMine, seek }) {
  const end = placeOf(run.log, player.tick);
  const lines = [];
  for (let k = end; k >= 0 && lines.length < MOST; k--) {
    const line = run.log[k];
    if (!mine || line.who === name || line.text.includes(name)) lines.push([k, line]);
  }
  return (
    <section class="panel log">
      <h2>
        What happened
        <label class="switch">
          <input type="checkbox" checked={mine} onChange={(e) => setMine(e.target.checked)} /> only {name}
        </label>
      </h2>
      <ol class="scroll lines">
        {lines.map(([k, line]) => (
          <li key={k}>
            <button onClick={() => seek(line.tick)} title={line.why ? `${line.why}` : ""} data-tick={line.tick}>
              <time>{clock(line.time)}</time>
              <span class="kind" style={{ background: KIND_COLOURS[line.kind] }} />
              <span class="text">{line.text}</span>
            </button>
          </li>
        ))}
        {!lines.length && <li class="quiet">Nothing yet.</li>}
      </ol>
    </section>
  );
}
