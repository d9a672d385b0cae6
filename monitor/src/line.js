// Owns the connection of one run: opened with the key from the address, opened again when the sidecar comes back.

const AGAIN_MS = [250, 500, 1000, 2000];
const WRONG_KEY = 4401;

export class Line {
  /** `hear(data)` gets every message, `tell(state, words)` how things stand: connecting, open, lost or refused. */
  constructor(name, hear, tell) {
    this.name = name;
    this.hear = hear;
    this.tell = tell;
    this.tries = 0;
    this.opened = 0;
    this.open();
  }

  open() {
    const socket = new WebSocket(`ws://${location.host}/ws/${this.name}`);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => socket.send(location.hash.slice(1));
    socket.onmessage = (event) => {
      if (this.socket !== socket) {
        this.socket = socket;
        this.tries = 0;
        this.opened += 1;
        this.tell("open", "");
      }
      this.hear(event.data);
    };
    socket.onclose = (event) => {
      this.socket = null;
      if (event.code === WRONG_KEY) {
        this.tell("refused", "This address has another key than the sidecar. Open the address it printed when it started.");
        return;
      }
      this.tell("lost", "The sidecar does not answer. This page comes back by itself when it does.");
      setTimeout(() => this.open(), AGAIN_MS[Math.min(this.tries++, AGAIN_MS.length - 1)]);
    };
  }

  ask(what) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(what));
  }
}
