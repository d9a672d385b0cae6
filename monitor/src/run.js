// Owns what the page knows of one run: frames by tick, states of tree nodes over time, the log, and moments.

import { readFrame } from "./msgpack.js";

const MOST_BYTES = 160e6;
const MOST_MOMENTS = 3000;
const MOST_LINES = 20000;
const MOST_CHANGES = 20000;
const BLOCK = 600;

/** Place of the last entry of `ticks` that is <= tick, or -1. `of` reads the tick of an entry. */
export function placeOf(list, tick, of = (each) => each.tick) {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (of(list[middle]) <= tick) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

export class Run {
  constructor() {
    this.stage = null;
    this.about = {};
    this.received = 0;
    this.skipped = 0;
    this.clear();
  }

  clear() {
    this.frames = [];
    this.bytes = 0;
    this.batch = [];
    this.nodes = new Map();
    this.log = [];
    this.moments = [];
    this.asked = new Set();
    this.wanted = -1;
    this.paused = false;
  }

  get first() {
    return this.about.live ? (this.frames.length ? this.frames[0].tick : 0) : this.about.first ?? 0;
  }

  get last() {
    const newest = this.frames.length ? this.frames[this.frames.length - 1].tick : 0;
    return this.about.live ? newest : this.about.last ?? newest;
  }

  /** The frame shown at a tick: the newest not after it. */
  at(tick) {
    return this.frames[Math.max(0, placeOf(this.frames, tick))] ?? null;
  }

  momentAt(tick) {
    return this.moments[placeOf(this.moments, tick)] ?? null;
  }

  /** State of a node at a tick: 0 idle, 1 running, 2 success, 3 failure, 4 aborted. */
  stateAt(node, tick) {
    const known = this.nodes.get(node);
    if (!known) return 0;
    const place = placeOf(known, tick, (each) => each[0]);
    return place < 0 ? 0 : known[place][1];
  }

  /** Takes one message of the sidecar; returns true when a new scene began. */
  take(data, ask) {
    if (typeof data !== "string") {
      this.frame(readFrame(data));
      return false;
    }
    const told = JSON.parse(data);
    switch (told.type) {
      case "stage":
        this.begin(told, ask);
        return true;
      case "nodes":
        for (const [node, state] of told.base) this.nodes.set(node, [[0, state]]);
        for (const [tick, node, state] of told.changes) this.change(tick, node, state);
        break;
      case "log":
        this.log.push(...told.lines);
        if (this.log.length > MOST_LINES) this.log.splice(0, this.log.length - MOST_LINES);
        break;
      case "moment":
        this.moment(told);
        break;
      case "range":
        this.merge();
        break;
      case "skipped":
        this.skipped += told.frames;
        break;
    }
    return false;
  }

  begin(told, ask) {
    const { stage, ...about } = told;
    this.clear();
    this.stage = stage;
    this.about = about;
    this.row = new Map(stage.characters.map((each, row) => [each.name, row]));
    if (!about.live && about.last) {
      const step = Math.max(1, Math.ceil((about.last - about.first) / about.stride / 6000));
      this.sparse = step > 1;
      ask({ type: "frames", first: about.first, last: about.last, step });
    }
  }

  change(tick, node, state) {
    const known = this.nodes.get(node);
    if (!known) this.nodes.set(node, [[tick, state]]);
    else {
      known.push([tick, state]);
      if (known.length > MOST_CHANGES) known.splice(0, MOST_CHANGES / 10);
    }
  }

  frame(frame) {
    if (!this.stage || frame.epoch !== this.stage.epoch) return;
    this.received += 1;
    if (!this.about.live) {
      this.batch.push(frame);
      return;
    }
    this.paused = frame.paused;
    const newest = this.frames[this.frames.length - 1];
    if (newest && frame.tick <= newest.tick) return;
    this.frames.push(frame);
    this.bytes += frame.size;
    if (this.bytes > MOST_BYTES) {
      for (const gone of this.frames.splice(0, this.frames.length >> 4)) this.bytes -= gone.size;
    }
  }

  /** A requested range is complete: its frames take their places among those known. */
  merge() {
    const known = new Set(this.frames.map((each) => each.tick));
    const fresh = this.batch.filter((each) => !known.has(each.tick));
    this.batch = [];
    this.frames = this.frames.concat(fresh).sort((a, b) => a.tick - b.tick);
  }

  moment(told) {
    const place = placeOf(this.moments, told.tick);
    if (place >= 0 && this.moments[place].tick === told.tick) this.moments[place] = told;
    else this.moments.splice(place + 1, 0, told);
    if (this.moments.length > MOST_MOMENTS) this.moments.splice(told.tick > this.moments[0].tick ? 0 : -1, 1);
  }

  /** Ask for what a tick needs and is not here: its moment, and the frames around it where only every n-th is known. */
  need(tick, every, ask) {
    const known = this.momentAt(tick);
    const key = Math.floor(tick / every);
    if ((!known || tick - known.tick >= every) && tick !== this.wanted && !this.asked.has(`m${key}`)) {
      this.wanted = tick;
      this.asked.add(`m${key}`);
      ask({ type: "moment", tick });
    }
    if (this.sparse) {
      const block = Math.floor(tick / BLOCK);
      for (const each of [block, block + 1]) {
        if (this.asked.has(`f${each}`)) continue;
        this.asked.add(`f${each}`);
        ask({ type: "frames", first: each * BLOCK, last: (each + 1) * BLOCK - 1, step: 1 });
      }
    }
  }
}
