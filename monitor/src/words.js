// Owns how numbers and states are said, and which emotion stands out.

export const STATES = ["idle", "running", "success", "failure", "aborted"];

/** 83.4 -> "1:23.4" */
export function clock(seconds) {
  const sign = seconds < 0 ? "-" : "";
  const tenths = Math.round(Math.abs(seconds) * 10);
  const minutes = Math.floor(tenths / 600);
  return `${sign}${minutes}:${((tenths % 600) / 10).toFixed(1).padStart(4, "0")}`;
}

export function left(seconds) {
  if (seconds < 1) return "gone soon";
  return seconds < 90 ? `${Math.round(seconds)} s left` : `${Math.round(seconds / 60)} min left`;
}

export const signed = (value) => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(2)}`;

/** What a name of a trigger stands for now: metres have a unit, all else are plain. */
export function read([name, value]) {
  if (name.endsWith("distance")) return `${name} ${value.toFixed(1)} m`;
  return `${name} ${Number.isInteger(value) ? value : value.toFixed(2)}`;
}

/** {label, value, column} of the emotion that stands out most over its baseline, or null. */
export function strongest(stage, frame, row) {
  if (!frame || row < 0) return null;
  const width = stage.labels.length;
  let best = null;
  stage.channels.forEach((label, channel) => {
    const column = stage.labels.indexOf(label);
    const value = frame.emotion[row * width + column];
    const rise = value - stage.baseline[row][channel];
    if (!best || rise > best.rise) best = { label, column, value, rise };
  });
  return best;
}

/** Values of all emotions of one character in a frame, by label. */
export function feelings(stage, frame, row) {
  const width = stage.labels.length;
  return Object.fromEntries(stage.labels.map((label, column) => [label, frame ? frame.emotion[row * width + column] : 0]));
}

/** A colour with transparency, from #rrggbb. */
export function faint(colour, alpha) {
  const part = (from) => parseInt(colour.slice(from, from + 2), 16);
  return `rgba(${part(1)},${part(3)},${part(5)},${alpha})`;
}
