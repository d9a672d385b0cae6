// Owns reading the one kind of bytes that comes in binary: a frame of the stream, four bytes of topic and a msgpack map.

const utf8 = new TextDecoder();
const TOPIC = [0x74, 0x69, 0x63, 0x6b]; // "tick"

/** One frame: {tick, time, epoch, n, paused, emotion, mood, action, face, size}; columns are copies. Throws on others. */
export function readFrame(buffer) {
  const bytes = new Uint8Array(buffer);
  if (TOPIC.some((byte, place) => bytes[place] !== byte)) throw new Error("no frame of the stream");
  const map = new Reader(buffer, 4).value();
  return {
    tick: map.tick,
    time: map.time,
    epoch: map.epoch,
    n: map.n,
    paused: map.paused === true,
    digest: map.digest ? hex(map.digest) : "",
    emotion: singles(map.emotion),
    mood: singles(map.mood),
    action: new Uint16Array(map.action.slice().buffer),
    face: map.face ? singles(map.face) : null,
    size: buffer.byteLength,
  };
}

const singles = (bytes) => new Float32Array(bytes.slice().buffer);
const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** msgpack as the protocol uses it: no extension types, text keys. */
export class Reader {
  constructor(buffer, at = 0) {
    this.view = new DataView(buffer);
    this.bytes = new Uint8Array(buffer);
    this.at = at;
  }

  value() {
    const head = this.bytes[this.at++];
    if (head < 0x80) return head;
    if (head < 0x90) return this.map(head & 15);
    if (head < 0xa0) return this.array(head & 15);
    if (head < 0xc0) return this.text(head & 31);
    if (head >= 0xe0) return head - 256;
    switch (head) {
      case 0xc0: return null;
      case 0xc2: return false;
      case 0xc3: return true;
      case 0xc4: return this.blob(this.uint(1));
      case 0xc5: return this.blob(this.uint(2));
      case 0xc6: return this.blob(this.uint(4));
      case 0xca: return this.view.getFloat32((this.at += 4) - 4);
      case 0xcb: return this.view.getFloat64((this.at += 8) - 8);
      case 0xcc: return this.uint(1);
      case 0xcd: return this.uint(2);
      case 0xce: return this.uint(4);
      case 0xcf: return Number(this.view.getBigUint64((this.at += 8) - 8));
      case 0xd0: return this.view.getInt8((this.at += 1) - 1);
      case 0xd1: return this.view.getInt16((this.at += 2) - 2);
      case 0xd2: return this.view.getInt32((this.at += 4) - 4);
      case 0xd3: return Number(this.view.getBigInt64((this.at += 8) - 8));
      case 0xd9: return this.text(this.uint(1));
      case 0xda: return this.text(this.uint(2));
      case 0xdb: return this.text(this.uint(4));
      case 0xdc: return this.array(this.uint(2));
      case 0xdd: return this.array(this.uint(4));
      case 0xde: return this.map(this.uint(2));
      case 0xdf: return this.map(this.uint(4));
      default: throw new Error(`msgpack type ${head} is not used by the protocol`);
    }
  }

  uint(width) {
    this.at += width;
    const start = this.at - width;
    if (width === 1) return this.bytes[start];
    return width === 2 ? this.view.getUint16(start) : this.view.getUint32(start);
  }

  blob(length) {
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  text(length) {
    return utf8.decode(this.blob(length));
  }

  array(length) {
    return Array.from({ length }, () => this.value());
  }

  map(length) {
    const found = {};
    for (let k = 0; k < length; k++) found[this.value()] = this.value();
    return found;
  }
}
