// Owns the editor's tools: push an emotion of the chosen character, fire an event, turn a variable.

import { useState } from "preact/hooks";

export function Edit({ run, name, moment, ask, trouble }) {
  const [amounts, setAmounts] = useState({});
  const stage = run.stage;
  const wish = (what) => ask({ type: "edit", ...what });
  const release = (label, event) => {
    const amount = Number(event.target.value);
    if (amount) wish({ do: "push", character: name, label, amount });
    setAmounts((before) => ({ ...before, [label]: 0 }));
  };
  return (
    <section class="panel edit">
      <h2>Try it on {name}</h2>
      <div class="scroll">
        {stage.channels.map((label) => (
          <label key={label} class="slider">
            <span style={{ color: stage.colours[label] }}>{label}</span>
            <input
              type="range" min="-1" max="1" step="0.05" value={amounts[label] ?? 0} data-push={label}
              onInput={(e) => setAmounts((before) => ({ ...before, [label]: Number(e.target.value) }))}
              onChange={(e) => release(label, e)}
            />
            <output>{(amounts[label] ?? 0).toFixed(2)}</output>
          </label>
        ))}
        {stage.events.length > 0 && (
          <div class="events">
            {stage.events.map((event) => (
              <button key={event} data-event={event} onClick={() => wish({ do: "event", name: event, cause: name })}>
                {event.replaceAll("_", " ")}
              </button>
            ))}
          </div>
        )}
        {Object.entries(moment?.variables ?? {}).map(([variable, value]) => (
          <label key={variable} class="slider">
            <span>{variable}</span>
            <input
              type="number" step="0.1" value={value} data-variable={variable}
              onChange={(e) => wish({ do: "set", name: variable, value: Number(e.target.value) })}
            />
          </label>
        ))}
        {trouble && <p class="trouble">{trouble}</p>}
      </div>
    </section>
  );
}
