// Owns the why-panel: each cause of what a character feels as a moodlet, the strongest first; a click goes to its start.

import { left, signed } from "./words.js";

const MOST = 7;

export function Why({ run, name, moment, focus, seek }) {
  const why = moment?.who[name]?.why;
  if (!why) return <p class="quiet">No reasons are kept of this moment.</p>;
  const moodlets = Object.entries(why)
    .filter(([label]) => !focus || label === focus)
    .flatMap(([label, causes]) => causes.map((cause) => ({ label, ...cause })))
    .filter((one) => Math.abs(one.amount) >= 0.005)
    .sort((a, b) => Math.abs(b.amount) - Math.abs(a.amount))
    .slice(0, MOST);
  if (!moodlets.length) return <p class="quiet">At rest: nothing moves {focus ?? "it"} just now.</p>;
  return (
    <ul class="moodlets">
      {moodlets.map((one) => (
        <li key={`${one.label} ${one.cause}`}>
          <button class="moodlet" data-since={one.since} onClick={() => seek(startOf(run, name, one))} title="Go to where it began">
            <span class="stripe" style={{ background: run.stage.colours[one.label] }} />
            <span class="what">
              <b>{one.cause}</b>
              <span class="quiet">
                {one.label} · {Math.round(one.share * 100)}% · {one.acting && one.kind ? "still acting" : left(one.left)}
              </span>
            </span>
            <span class={`amount ${one.amount < 0 ? "down" : ""}`}>{signed(one.amount)}</span>
            <span class="bar" style={{ width: `${Math.min(100, Math.abs(one.amount) * 160)}%`, background: run.stage.colours[one.label] }} />
          </button>
        </li>
      ))}
    </ul>
  );
}

/** The line of the log that a cause began with, where there is one near its tick. */
function startOf(run, name, { since, kind, subject, label, cause }) {
  const kinds = { said: ["heard", "push"], event: ["event"], action: ["stop"], object: ["set"] }[kind] ?? [];
  for (let k = run.log.length - 1; k >= 0; k--) {
    const line = run.log[k];
    if (line.tick > since) continue;
    if (line.tick < since - run.stage.rate) break;
    const mine = line.who === subject || (kind === "said" && line.kind === "push" && line.who === name);
    if (kinds.includes(line.kind) && mine && (kind !== "said" || line.what === label || cause.endsWith(line.what))) return line.tick;
  }
  return since;
}
