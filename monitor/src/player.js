// Owns the one playhead: where it stands, whether it follows the newest tick or plays, and the window of time around it.

const SPANS = [10, 30, 120, 0];

export class Player {
  constructor(run) {
    this.run = run;
    this.tick = 0;
    this.follow = true;
    this.playing = false;
    this.span = 30;
    this.window = [0, 30];
    this.marks = [];
  }

  /** A new scene began: live pages follow, recordings stand at their start. */
  begin() {
    this.follow = this.run.about.live;
    this.tick = this.follow ? 0 : this.run.first;
    this.playing = false;
    this.window = [0, this.span || 1];
    this.marks = load(this.key());
  }

  get rate() {
    return this.run.stage?.rate ?? 60;
  }

  /** Simulated seconds at the playhead. */
  get time() {
    return this.run.at(this.tick)?.time ?? this.tick / this.rate;
  }

  /** Lets wall time pass. */
  advance(seconds) {
    const { run } = this;
    if (this.follow) this.tick = run.last;
    else if (this.playing) {
      this.part = (this.part ?? 0) + seconds * this.rate;
      const whole = Math.floor(this.part);
      this.part -= whole;
      this.tick = Math.min(run.last, this.tick + whole);
      if (this.tick >= run.last) {
        this.playing = false;
        this.follow = run.about.live;
      }
    }
    this.settle();
  }

  seek(tick) {
    this.follow = false;
    this.tick = Math.round(Math.max(this.run.first, Math.min(this.run.last, tick)));
    this.settle();
  }

  seekTime(time) {
    const { run } = this;
    const near = run.at(this.tick) ?? { tick: 0, time: 0 };
    this.seek(near.tick + (time - near.time) * this.rate);
  }

  step(ticks) {
    this.playing = false;
    this.seek(this.tick + ticks);
  }

  toggle() {
    if (this.follow) this.seek(this.tick);
    else if (this.playing) this.playing = false;
    else if (this.tick >= this.run.last && this.run.about.live) this.follow = true;
    else {
      if (this.tick >= this.run.last) this.tick = this.run.first;
      this.playing = true;
    }
  }

  goLive() {
    this.playing = false;
    this.follow = true;
  }

  zoom() {
    this.span = SPANS[(SPANS.indexOf(this.span) + 1) % SPANS.length];
    this.window = [1, 0];
    this.settle();
  }

  /** Keep the window while the playhead is well inside; else move it. */
  settle() {
    const first = this.run.first / this.rate;
    const last = this.run.last / this.rate;
    const now = this.tick / this.rate;
    if (!this.span) {
      this.window = [first, Math.max(last, first + 1)];
      return;
    }
    const [low, high] = this.window;
    if (this.follow) {
      const start = Math.max(first, now - this.span);
      this.window = [start, start + this.span];
    }
    else if (now < low || now > high - 0.02 * this.span || high - low !== this.span) {
      const start = Math.max(first, Math.min(now - 0.35 * this.span, last - this.span));
      this.window = [start, start + this.span];
    }
  }

  /** Set or clear a bookmark where the playhead stands. */
  mark() {
    const place = this.marks.indexOf(this.tick);
    if (place >= 0) this.marks.splice(place, 1);
    else this.marks = [...this.marks, this.tick].sort((a, b) => a - b).slice(0, 200);
    store(this.key(), this.marks);
  }

  key() {
    const about = this.run.about;
    return `marks ${about.runs?.a ?? `${this.run.stage?.scene} ${about.session}`}`;
  }
}

function load(key) {
  try {
    const found = JSON.parse(localStorage.getItem(key) ?? "[]");
    return Array.isArray(found) ? found.filter(Number.isInteger) : [];
  } catch {
    return [];
  }
}

function store(key, marks) {
  try {
    localStorage.setItem(key, JSON.stringify(marks));
  } catch {
    // a browser without storage keeps bookmarks until the page is closed
  }
}
