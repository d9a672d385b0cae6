// Owns the list of characters: what each one feels most and does; of a crowd only the rows in sight are made.

import { useState } from "preact/hooks";
import { strongest } from "./words.js";

const ROW = 46;

export function People({ run, frame, chosen, choose }) {
  const [top, setTop] = useState(0);
  const [wanted, setWanted] = useState("");
  const stage = run.stage;
  const many = stage.characters.length > 12;
  const found = stage.characters
    .map((each, row) => ({ name: each.name, row }))
    .filter((each) => each.name.toLowerCase().includes(wanted.toLowerCase()));
  const first = Math.max(0, Math.floor(top / ROW) - 2);
  const seen = found.slice(first, first + 40);
  return (
    <section class="panel people">
      <h2>Characters{many ? ` · ${stage.characters.length}` : ""}</h2>
      {many && <input class="search" placeholder="Find a name" value={wanted} onInput={(e) => setWanted(e.target.value)} />}
      <div class="scroll" onScroll={(e) => setTop(e.target.scrollTop)}>
        <div style={{ height: `${found.length * ROW}px`, position: "relative" }}>
          {seen.map(({ name, row }, k) => {
            const feels = strongest(stage, frame, row);
            const action = frame ? stage.actions[frame.action[row]] : "";
            return (
              <button
                key={name}
                class={`person ${name === chosen ? "chosen" : ""}`}
                style={{ transform: `translateY(${(first + k) * ROW}px)` }}
                data-character={name}
                onClick={() => choose(name)}
              >
                <span class="name">{name}</span>
                <span class="does">{action}</span>
                {feels && (
                  <span class="feels" style={{ color: stage.colours[feels.label] }}>
                    {feels.label} {feels.value.toFixed(2)}
                  </span>
                )}
                {feels && <span class="bar" style={{ width: `${feels.value * 100}%`, background: stage.colours[feels.label] }} />}
              </button>
            );
          })}
        </div>
      </div>
    </section>
  );
}
