// @ts-check
/**
 * The line to the server: a socket with a cursor, and plain requests when sockets are blocked. docs/protocol.md is the contract.
 * What is to be said waits in an outbox until its echo arrives and is sent again with the same id: never lost, never doubled.
 */

/**
 * @typedef {{service: string, name: string, kind: string, why: string, phone: string | null, hours: string | null,
 *   open_now: boolean | null, opens: string | null, website: string | null, address: string | null, access: string | null}} Card
 * @typedef {{seq: number, at: string, who: "you" | "computer" | "person" | "system", name: string | null, text: string,
 *   id: string | null, choices: string[], urgent: boolean, card: Card | null}} Event
 * @typedef {{speaker: "computer" | "nobody" | "person", name: string | null, text: string, called: boolean, position: number | null,
 *   wait_minutes: [number, number] | null, staffed: boolean, emergency: boolean, ended: boolean}} State
 * @typedef {{type: "events", events: Event[], head: number, state: State, after?: number}} Frame
 * @typedef {{kind: "say" | "person", text: string, tries: number, at: number}} Item
 * @typedef {{frame: (events: Event[], state: State) => void, status: (status: "live" | "away") => void,
 *   refused: (id: string, message: string) => void, over: (reason: "ended" | "unknown") => void}} Listener
 */

const OPENING = 6_000; // ms until a socket must have brought its first frame
const SILENCE = 45_000; // ms without any frame (beats come every 20 s)
const ANSWER = 5_000; // ms until something we sent is sent again
const DEAD = 10_000; // ms of silence while something we sent has no echo
const POLL = 2_500;
const LATER = new Set(["too_fast", "unavailable"]);
const SOCKET_AGAIN = 60_000;

/** Full jitter: first try within 0.5 s, at most 10 s apart. @param {number} failures */
export const backoff = (failures) => Math.random() * Math.min(10_000, 500 * 2 ** Math.min(failures, 10));

/** @returns {string} 32 hexadecimal characters, 128 random bits */
export function newId() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * POST JSON. Status 0 is a connection that failed.
 * @param {string} path @param {object} body @param {boolean} [keepalive]
 * @returns {Promise<{status: number, data: any}>}
 */
export async function post(path, body, keepalive = false) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), 10_000);
  const headers = { "Content-Type": "application/json" };
  try {
    const answer = await fetch(path, {
      method: "POST", headers, body: JSON.stringify(body), keepalive, cache: "no-store", signal: stop.signal,
    });
    return { status: answer.status, data: await answer.json().catch(() => null) };
  } catch {
    return { status: 0, data: null };
  } finally {
    clearTimeout(timer);
  }
}

export class Live {
  /** @type {Map<string, Item>} */ outbox = new Map();
  /** @type {WebSocket | null} */ socket = null;
  stopped = false;
  refusals = 0;
  opened = 0; // when a socket was last tried
  heard = 0;
  deadline = 0; // an answer to our ping must come before this
  wake = () => {};
  drop = () => {};

  /** @param {string} token @param {number} cursor @param {Listener} listener */
  constructor(token, cursor, listener) {
    this.token = token;
    this.cursor = cursor;
    this.listener = listener;
  }

  async run() {
    for (let failures = 0; !this.stopped;) {
      const polling = this.refusals >= 2 && Date.now() - this.opened < SOCKET_AGAIN;
      const worked = polling ? await this.round() : await this.connect();
      if (this.stopped) return;
      if (polling && worked && failures > 0) this.opened = 0; // the server is back: try a socket again
      if (worked) failures = 0;
      await this.pause(polling && worked ? POLL : backoff(failures));
      if (!worked) failures += 1;
    }
  }

  stop() {
    this.stopped = true;
    this.outbox.clear();
    this.drop();
    this.wake();
  }

  /** @param {string} id @param {"say" | "person"} kind @param {string} text */
  send(id, kind, text) {
    const item = { kind, text, tries: 0, at: 0 };
    this.outbox.set(id, item);
    if (this.socket && this.heard) this.deliver(id, item);
    else this.wake();
  }

  /** Something happened (network back, tab in sight again): do not wait for a timer to find out. */
  nudge() {
    this.wake();
    if (this.socket?.readyState !== WebSocket.OPEN) return;
    this.write({ type: "ping" });
    this.deadline = Date.now() + 3_000;
  }

  offline() {
    this.listener.status("away");
    this.drop();
  }

  /** @param {number} milliseconds @returns {Promise<void>} */
  pause(milliseconds) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.wake = () => { clearTimeout(timer); resolve(); };
    });
  }

  /** @param {object} frame */
  write(frame) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(frame));
  }

  hello() {
    this.write({ type: "hello", token: this.token, after: this.cursor });
  }

  /** @param {string} id @param {Item} item */
  deliver(id, item) {
    item.at = Date.now();
    item.tries += 1;
    this.write(item.kind === "say" ? { type: "say", id, text: item.text } : { type: "person", id });
    if (item.kind === "person" && item.tries >= 3) this.outbox.delete(id); // its effect shows in the state
  }

  /** One socket, from opening to closing. @returns {Promise<boolean>} whether it ever brought a frame */
  connect() {
    return new Promise((resolve) => {
      this.opened = Date.now();
      this.heard = 0;
      this.deadline = 0;
      /** @type {WebSocket} */
      let socket;
      try {
        socket = new WebSocket(location.origin.replace(/^http/, "ws") + "/chat/live");
      } catch {
        this.refusals += 1;
        return resolve(false);
      }
      this.socket = socket;
      const done = () => {
        clearInterval(ticking);
        socket.onopen = socket.onmessage = socket.onclose = null;
        socket.close();
        this.socket = null;
        this.drop = () => {};
        this.refusals = this.heard ? 0 : this.refusals + 1;
        if (this.heard && !this.stopped) this.listener.status("away");
        resolve(this.heard > 0);
      };
      const ticking = setInterval(() => this.dead() && done(), 1000);
      this.drop = done;
      socket.onopen = () => this.hello();
      socket.onmessage = (message) => this.take(JSON.parse(message.data));
      socket.onclose = ({ code }) => {
        if (code === 4401) this.over("unknown");
        if (code === 4410) this.over("ended");
        done();
      };
    });
  }

  /** Is this socket to be given up? Also sends again what has had no echo. */
  dead() {
    const now = Date.now();
    if (!this.heard) return now - this.opened > OPENING;
    const silent = now - this.heard;
    if (silent > SILENCE || (this.deadline && now > this.deadline)) return true;
    for (const [id, item] of [...this.outbox]) {
      if (!item.at || now - item.at < ANSWER) continue;
      if (silent > DEAD) return true;
      this.deliver(id, item);
      this.write({ type: "ping" });
    }
    return false;
  }

  /** @param {any} frame */
  take(frame) {
    const first = !this.heard;
    this.heard = Date.now();
    this.deadline = 0;
    if (frame.type === "beat" && frame.head > this.cursor) this.hello();
    // Too fast or just not now is no refusal to show: it stays in the outbox and goes again (see dead()).
    if (frame.type === "refused" && !LATER.has(frame.code)) this.refuse(frame.id, frame.message);
    if (frame.type !== "events") return;
    if (frame.after > this.cursor) return this.hello(); // a frame in between was lost
    this.accept(frame);
    if (first) for (const [id, item] of [...this.outbox]) this.deliver(id, item);
  }

  /** @param {Frame} frame */
  accept(frame) {
    const fresh = frame.events.filter((event) => event.seq > this.cursor);
    this.cursor = Math.max(this.cursor, frame.head);
    for (const { id } of fresh) if (id) this.outbox.delete(id);
    if (frame.state.called) for (const [id, item] of this.outbox) if (item.kind === "person") this.outbox.delete(id);
    this.listener.status("live");
    this.listener.frame(fresh, frame.state);
  }

  /** @param {string} id @param {string} message */
  refuse(id, message) {
    this.outbox.delete(id);
    this.listener.refused(id, message);
  }

  /** @param {"ended" | "unknown"} reason */
  over(reason) {
    this.stopped = true;
    this.listener.over(reason);
  }

  /** One round without a socket: say what waits, then ask what is new. @returns {Promise<boolean>} */
  async round() {
    for (const [id, { kind, text }] of [...this.outbox]) {
      const { status, data } = kind === "say"
        ? await post("/chat/say", { token: this.token, id, text })
        : await post("/chat/person", { token: this.token, id });
      if (this.stopped) return true;
      if (status === 200) this.outbox.delete(id);
      else if (status === 401) this.over("unknown");
      else if (status >= 400 && status < 500 && status !== 408 && status !== 429) this.refuse(id, data?.message ?? "");
      else return this.away();
    }
    const { status, data } = await post("/chat/events", { token: this.token, after: this.cursor });
    if (this.stopped) return true;
    if (status === 200) this.accept(data);
    else if (status === 401) this.over("unknown");
    else if (status === 410) this.over("ended");
    else return this.away();
    return true;
  }

  away() {
    this.listener.status("away");
    return false;
  }
}
