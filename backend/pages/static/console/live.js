// @ts-check
/** The socket to /api/live: always trying, never doubling. It knows frames, not what they mean. */
import { toSignIn } from "./api.js";

const SILENCE = 45_000; // a beat comes every 20 s; two missed and a bit is a dead line
const PULSE = 20_000; // says that somebody is still here
const SHOW_AWAY = 1500; // a short hiccup is not worth a banner

/**
 * @param {object} options
 * @param {(frame: any) => void} options.onFrame
 * @param {(connected: boolean) => void} options.onConnected called with false only after a while
 * @param {() => {conversation: string, after: number}|null} options.watching what to watch, asked anew at every connection
 */
export function connect({ onFrame, onConnected, watching }) {
  /** @type {WebSocket|null} */
  let socket = null;
  let attempt = 0;
  let retry = 0;
  let silence = 0;
  let away = 0;

  function listen() {
    clearTimeout(silence);
    silence = window.setTimeout(() => drop(), SILENCE);
  }

  function drop() {
    const old = socket;
    socket = null;
    if (old) {
      old.onclose = old.onmessage = old.onopen = null;
      old.close();
      lost();
    }
  }

  function lost() {
    clearTimeout(silence);
    clearTimeout(retry);
    if (!away) away = window.setTimeout(() => onConnected(false), SHOW_AWAY);
    const most = Math.min(10_000, 500 * 2 ** attempt);
    attempt += 1;
    retry = window.setTimeout(open, Math.random() * most); // full jitter: a restart does not bring everybody at once
  }

  function open() {
    clearTimeout(retry);
    if (socket) return;
    const address = new URL("/api/live", location.href);
    address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    const mine = new WebSocket(address);
    socket = mine;
    listen();
    mine.onopen = () => {
      attempt = 0;
      clearTimeout(away);
      away = 0;
      onConnected(true);
      watch();
    };
    mine.onmessage = (message) => {
      listen();
      const frame = JSON.parse(message.data);
      const now = watching();
      if (frame.type === "beat" && now && typeof frame.head === "number" && frame.head > now.after) watch();
      onFrame(frame);
    };
    mine.onclose = (event) => {
      if (socket !== mine) return;
      socket = null;
      if (event.code === 4401) toSignIn();
      else lost();
    };
  }

  function watch() {
    if (socket?.readyState !== WebSocket.OPEN) return;
    const now = watching();
    socket.send(JSON.stringify(now ? { type: "watch", ...now } : { type: "unwatch" }));
  }

  /** Try at once: somebody asked, or the machine is back. */
  function hurry() {
    attempt = 0;
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ type: "ping" }));
    else if (!socket) open();
  }
  addEventListener("online", hurry);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && hurry());

  setInterval(() => socket?.readyState === WebSocket.OPEN && socket.send(JSON.stringify({ type: "ping" })), PULSE);
  open();
  return { watch, hurry };
}
