// Owns the drawing of a face from its weights: the same lines as emotion_runtime/expression/drawing.py draws.

const SCALE = 100;
const CENTRE = [160, 150];
const SKIN = "#f2d3bd";
const LINE = "#4a3328";
const HAIR = "#6b4a37";
const SHADE = "#c98f74";
const LIP = "#c0645f";
const DARK = "#5b2426";

const n = (value) => (Math.round(value * 10) / 10).toString();
const two = (p) => `${n(p[0])} ${n(p[1])}`;
const clamp = (x) => Math.min(1, x);
const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length;
const minus = (points, dy) => points.map(([x, y]) => [x, y - dy]);

/** Landmarks (68, 2) of weights by shape, in units of the eye distance. */
export function landmarks(face, weights) {
  const points = face.neutral.map((p) => [...p]);
  face.moves.forEach((moves, shape) => {
    const weight = weights[shape];
    if (weight) {
      for (const [point, dx, dy] of moves) {
        points[point][0] += weight * dx;
        points[point][1] += weight * dy;
      }
    }
  });
  return points;
}

/** The inside of an <svg viewBox="0 0 320 360">. `id` keeps the clip paths of several faces apart. */
export function faceSvg(face, weights, id = "f") {
  const moved = landmarks(face, weights);
  const xy = moved.map(([x, y]) => [CENTRE[0] + x * SCALE, CENTRE[1] - y * SCALE]);
  const off = moved.map(([x, y], k) => [x - face.neutral[k][0], y - face.neutral[k][1]]);
  const w = Object.fromEntries(face.shapes.map((shape, k) => [shape, weights[k]]));
  return [
    head(xy, off),
    ...cheeks(xy, w),
    ...eye(xy, w, 36, "Right", 1, id),
    ...eye(xy, w, 42, "Left", -1, id),
    stroke(curve([17, 18, 19, 20, 21].map((k) => xy[k])), LINE, 6, 0.95),
    stroke(curve([26, 25, 24, 23, 22].map((k) => xy[k])), LINE, 6, 0.95),
    ...nose(xy, w),
    ...mouth(xy, w, id),
  ].join("");
}

function head(xy, off) {
  const chin = [];
  for (let k = 0; k < 17; k++) {
    const away = Math.max(0, 1 - (Math.abs(k - 8) / 7) ** 2) ** 1.5;
    chin.push([
      xy[k][0] - off[k][0] * SCALE + away * off[8][0] * SCALE,
      xy[k][1] + off[k][1] * SCALE - away * off[8][1] * SCALE,
    ]);
  }
  const [left, y0] = chin[0];
  const [right, y1] = chin[16];
  const crown = CENTRE[1] - 1.15 * SCALE;
  const skull = `C${n(right + 4)} ${n(crown)} ${n(left - 4)} ${n(crown)} ${n(left)} ${n(y0)}Z`;
  const ears = [[left, y0], [right, y1]]
    .map(([x, y]) => `<ellipse cx="${n(x)}" cy="${n(y + 22)}" rx="12" ry="24" fill="${SKIN}" stroke="${LINE}" stroke-width="2"/>`)
    .join("");
  const hair =
    `<path d="M${n(left - 3)} ${n(y0 + 8)}C${n(left - 22)} ${n(crown - 40)} ${n(right + 22)} ${n(crown - 40)} ` +
    `${n(right + 3)} ${n(y1 + 8)}C${n(right - 6)} ${n(y1 - 70)} ${n(right - 60)} ${n(y1 - 82)} ` +
    `${n(CENTRE[0])} ${n(y0 - 80)}C${n(left + 60)} ${n(y0 - 82)} ${n(left + 6)} ${n(y0 - 70)} ` +
    `${n(left - 3)} ${n(y0 + 8)}Z" fill="${HAIR}" stroke="${LINE}" stroke-width="2"/>`;
  return `${ears}<path d="${curve(chin)}${skull}" fill="${SKIN}" stroke="${LINE}" stroke-width="2.5"/>${hair}`;
}

function cheeks(xy, w) {
  const parts = [];
  for (const [side, lid, out] of [["Right", 41, -1], ["Left", 46, 1]]) {
    const squint = Math.max(w[`cheekSquint${side}`], 0.6 * w[`eyeSquint${side}`]);
    if (squint > 0.02) {
      const [x, y] = xy[lid];
      parts.push(stroke(`M${n(x - 14)} ${n(y + 7)}Q${n(x)} ${n(y + 13 - 3 * squint)} ${n(x + 14)} ${n(y + 7)}`, SHADE, 2, squint));
    }
    const fold = Math.max(w[`mouthSmile${side}`], w[`noseSneer${side}`], w[`mouthUpperUp${side}`]);
    const corner = xy[out > 0 ? 54 : 48];
    if (fold > 0.02) {
      const [nx, ny] = xy[out > 0 ? 35 : 31];
      const [cx, cy] = corner;
      const bend = [nx + 26 * out, (ny + cy) / 2 - 6];
      parts.push(stroke(`M${n(nx + 9 * out)} ${n(ny - 4)}Q${two(bend)} ${two([cx + 11 * out, cy - 4])}`, SHADE, 2.2, fold));
    }
    const puff = w.cheekPuff;
    if (puff > 0.02) {
      parts.push(`<circle cx="${n(corner[0] + 26 * out)}" cy="${n(corner[1] - 14)}" r="20" fill="${SHADE}" opacity="${n(0.4 * puff)}"/>`);
    }
  }
  return parts;
}

function eye(xy, w, first, side, inward, id) {
  const lids = xy.slice(first, first + 6);
  const upper = [lids[0], lids[1], lids[2], lids[3]];
  const lower = [lids[3], lids[4], lids[5], lids[0]];
  const gap = (lids[4][1] + lids[5][1]) / 2 - (lids[1][1] + lids[2][1]) / 2;
  const parts = [];
  if (gap > 2.5) {
    const path = curve(upper) + curve(lower).replace("M", "L");
    const x = (lids[0][0] + lids[3][0]) / 2 + 9 * inward * (w[`eyeLookIn${side}`] - w[`eyeLookOut${side}`]);
    const y = (lids[0][1] + lids[3][1]) / 2 - 1.5 + 6 * (w[`eyeLookDown${side}`] - w[`eyeLookUp${side}`]);
    const clip = `${id}eye${side}`;
    parts.push(
      `<clipPath id="${clip}"><path d="${path}Z"/></clipPath><path d="${path}Z" fill="#fff"/>`,
      `<g clip-path="url(#${clip})"><circle cx="${n(x)}" cy="${n(y)}" r="8.6" fill="#5a7a58"/>`,
      `<circle cx="${n(x)}" cy="${n(y)}" r="4" fill="#1c1c1c"/>`,
      `<circle cx="${n(x + 2.5)}" cy="${n(y - 2.5)}" r="1.6" fill="#fff"/></g>`,
    );
  }
  parts.push(stroke(curve(upper), LINE, 3.2, 1), stroke(curve(lower), LINE, 1.5, 0.8));
  parts.push(stroke(curve(minus(upper, 6 + 2 * w[`eyeWide${side}`])), SHADE, 1.5, 0.7));
  return parts;
}

function nose(xy, w) {
  const parts = [stroke(curve([31, 32, 33, 34, 35].map((k) => xy[k])), LINE, 2, 0.8)];
  for (const [wing, out] of [[31, -1], [35, 1]]) {
    const [x, y] = xy[wing];
    parts.push(stroke(`M${n(x)} ${n(y)}Q${n(x + 7 * out)} ${n(y - 6)} ${n(x + out)} ${n(y - 13)}`, LINE, 2, 0.8));
  }
  const wrinkle = (w.noseSneerLeft + w.noseSneerRight) / 2;
  for (const y of [4, 12]) {
    if (wrinkle > 0.02) parts.push(stroke(`M${n(CENTRE[0] - 11)} ${n(CENTRE[1] + y)}q11 -6 22 0`, SHADE, 2, wrinkle));
  }
  const frown = (w.browDownLeft + w.browDownRight) / 2;
  if (frown > 0.02) {
    for (const x of [-7, 7]) {
      parts.push(stroke(`M${n(CENTRE[0] + x)} ${n(mean([xy[21][1], xy[22][1]]) - 8)}l${n(-x / 4)} 15`, SHADE, 2, frown));
    }
  }
  if (w.browInnerUp > 0.02) {
    for (const y of [-26, -36]) {
      const y0 = mean([xy[20][1], xy[23][1]]) + y + 6;
      parts.push(stroke(`M${n(CENTRE[0] - 28)} ${n(y0)}q28 -7 56 0`, SHADE, 1.8, w.browInnerUp * 0.8));
    }
  }
  return parts;
}

function mouth(xy, w, id) {
  const upper = [48, 49, 50, 51, 52, 53, 54].map((k) => xy[k]);
  const lower = [54, 55, 56, 57, 58, 59, 48].map((k) => xy[k]);
  const innerUp = [60, 61, 62, 63, 64].map((k) => [...xy[k]]);
  const innerLow = [64, 65, 66, 67, 60].map((k) => [...xy[k]]);
  for (const [up, low] of [[1, 3], [2, 2], [3, 1]]) {
    const middle = (innerUp[up][1] + innerLow[low][1]) / 2;
    innerUp[up][1] = Math.min(innerUp[up][1], middle);
    innerLow[low][1] = Math.max(innerLow[low][1], middle);
  }
  const outer = curve(upper) + curve(lower).replace("M", "L");
  const hole = curve(innerUp) + curve(innerLow).replace("M", "L");
  const gap = innerLow[2][1] - innerUp[2][1];
  const parts = [`<path d="${outer}Z" fill="${LIP}" stroke="${LINE}" stroke-width="1.4"/>`];
  if (gap > 2) {
    const [x0, x1] = [innerUp[0][0], innerUp[4][0]];
    const y0 = Math.min(...innerUp.map((p) => p[1]));
    const y1 = Math.max(...innerLow.map((p) => p[1]));
    parts.push(
      `<clipPath id="${id}lip"><path d="${hole}Z"/></clipPath><path d="${hole}Z" fill="${DARK}"/>`,
      `<g clip-path="url(#${id}lip)"><rect x="${n(x0 + 8)}" y="${n(y0 - 8)}" width="${n(x1 - x0 - 16)}" `,
      `height="${n(8 + Math.min(9, 0.35 * gap + 2))}" rx="4" fill="#fff"/>`,
      `<ellipse cx="${n((x0 + x1) / 2)}" cy="${n(y1 + 3)}" rx="${n((x1 - x0) / 3.2)}" ry="${n(0.35 * gap)}" fill="#b5504f"/></g>`,
    );
  }
  parts.push(`<path d="${hole}Z" fill="none" stroke="${LINE}" stroke-width="${n(gap <= 2 ? 2.2 : 1.2)}"/>`);
  if (w.tongueOut > 0.02) {
    const [x, y] = [mean([xy[62][0], xy[66][0]]), mean([xy[62][1], xy[66][1]])];
    const long = 6 + 26 * w.tongueOut;
    parts.push(`<ellipse cx="${n(x)}" cy="${n(y + long / 2)}" rx="13" ry="${n(long / 2)}" fill="#d0706c" stroke="${LINE}" stroke-width="1.2"/>`);
  }
  if (w.mouthShrugLower > 0.02) {
    parts.push(stroke(`M${n(xy[57][0] - 14)} ${n(xy[57][1] + 16)}q14 -8 28 0`, SHADE, 2, w.mouthShrugLower));
  }
  return parts;
}

/** A smooth path through points: Catmull-Rom as cubic Bezier pieces. */
function curve(p) {
  const last = p.length - 1;
  const padded = [
    [2 * p[0][0] - p[1][0], 2 * p[0][1] - p[1][1]],
    ...p,
    [2 * p[last][0] - p[last - 1][0], 2 * p[last][1] - p[last - 1][1]],
  ];
  let text = "M" + two(p[0]);
  for (let i = 1; i < padded.length - 2; i++) {
    const a = [0, 1].map((k) => padded[i][k] + (padded[i + 1][k] - padded[i - 1][k]) / 6);
    const b = [0, 1].map((k) => padded[i + 1][k] - (padded[i + 2][k] - padded[i][k]) / 6);
    text += `C${two(a)} ${two(b)} ${two(padded[i + 1])}`;
  }
  return text;
}

function stroke(d, colour, width, opacity) {
  return `<path d="${d}" fill="none" stroke="${colour}" stroke-width="${n(width)}" stroke-linecap="round" opacity="${n(clamp(opacity))}"/>`;
}
