// @ts-check
/**
 * The talk: what is on the screen, and when. The line to the server is live.js, one message is message.js, leaving is exit.js.
 * One URL, one history entry; nothing typed leaves the browser before it is sent.
 */
import { leaving } from "./exit.js";
import { forget, keep, kept } from "./keep.js";
import { Live, newId, post } from "./live.js";
import { label, make, message, pending, refuse, settle, words } from "./message.js";
import { atBottom, desk, find, fit, follow, grow, rest, text } from "./sight.js";

/** @typedef {import("./live.js").Event} Event @typedef {import("./live.js").State} State */

const root = document.documentElement;
const log = find("log");

/** @type {Live | null} */
let live = null;
/** @type {Map<string, HTMLElement>} our messages without an echo, by id */
const waiting = new Map();
/** @type {State | null} */
let state = null;
/** @type {Event | null} */
let last = null;
let away = false;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let awayTimer;

/** @param {"begin" | "resume" | "talk" | "end"} name */
function show(name) {
  for (const view of document.querySelectorAll(".view")) /** @type {HTMLElement} */ (view).hidden = view.id !== name;
  root.dataset.view = name;
}

/** Say something once to a screen reader. @param {string} id @param {string | undefined} sentence */
function say(id, sentence) {
  if (find(id).textContent !== sentence) find(id).textContent = sentence ?? "";
}

// ---- starting, and coming back after a reload

/** @param {string} token @param {number} cursor @param {boolean} history what comes first was said before */
function connect(token, cursor, history) {
  leaving.token = token;
  keep(token);
  const frame = (/** @type {Event[]} */ events, /** @type {State} */ now) => {
    take(events, now, history);
    history = false;
  };
  live = new Live(token, cursor, { frame, status, refused, over });
  void live.run();
}

async function start() {
  const go = /** @type {HTMLButtonElement} */ (find("begin-go"));
  if (go.getAttribute("aria-disabled") === "true") return;
  go.setAttribute("aria-disabled", "true");
  go.textContent = words.starting ?? "";
  say("begin-failed", "");
  const { status: code, data } = await post("/chat/start", { language: root.lang });
  go.removeAttribute("aria-disabled");
  go.textContent = words.start ?? "";
  if (code !== 200) return say("begin-failed", data?.message || words.startFailed);
  show("talk");
  rest(true);
  leaving.token = data.token;
  keep(data.token);
  // After the view is there, so that the first words are read out as new.
  setTimeout(() => {
    take(data.frame.events, data.frame.state, false);
    connect(data.token, data.frame.head, false);
  }, 100);
}

/** @param {string} token */
function resume(token) {
  show("talk");
  rest(true);
  connect(token, 0, true);
}

// ---- what arrives

/** @param {Event[]} events @param {State} now @param {boolean} history painted without being announced */
function take(events, now, history) {
  const low = atBottom();
  log.setAttribute("aria-live", history ? "off" : "polite");
  /** @type {HTMLElement | null} */
  let first = null;
  for (const event of events) {
    const item = place(event);
    if (!first && event.who !== "you") first = item;
    last = event;
  }
  if (history) requestAnimationFrame(() => requestAnimationFrame(() => log.setAttribute("aria-live", "polite")));
  const urgent = history ? undefined : events.filter((event) => event.urgent).at(-1);
  if (urgent || (now.emergency && !state?.emergency)) {
    const sentence = urgent?.text ?? "";
    say("urgent", /112/.test(sentence) ? sentence : `${sentence} ${words.emergencySay}`);
  }
  paint(now);
  if (low || history) follow(history ? null : first);
  else if (first) find("newer").hidden = false;
}

/** Put an event in the log: in its own place, before what still waits for its echo. @param {Event} event */
function place(event) {
  const mine = event.id ? waiting.get(event.id) : undefined;
  if (event.id) waiting.delete(event.id);
  const next = [...waiting.values()][0] ?? null;
  const item = mine ?? message(event);
  if (mine) {
    settle(mine, label(event));
    mine.classList.remove("pending");
  }
  if (!mine || item.nextElementSibling !== next) log.insertBefore(item, next);
  const before = /** @type {HTMLElement | null} */ (item.previousElementSibling);
  item.classList.toggle("same", !!item.dataset.label && before?.dataset.label === item.dataset.label);
  return item;
}

/** @param {State} now */
function paint(now) {
  state = now;
  say("speaker", now.text);
  find("speaker-bar").dataset.speaker = now.speaker;
  const person = find("want-person");
  person.hidden = now.speaker === "person" || now.ended;
  person.textContent = (now.called ? words.personAsked : words.wantPerson) ?? "";
  person.setAttribute("aria-disabled", String(now.called));
  find("emergency").hidden = !now.emergency;
  find("say").hidden = now.ended;
  find("ended").hidden = !now.ended;
  if (now.ended) shut();
  offer();
}

/** The helpline ended the talk: it can be read, and nothing more can be said. */
function shut() {
  live?.stop();
  forget();
  for (const item of waiting.values()) settle(item, `${words.you} · ${words.notSent}`);
  waiting.clear();
}

/** The quick replies of the last event, until something is said. */
function offer() {
  const choices = find("choices");
  const inside = choices.contains(document.activeElement);
  const offered = state?.ended || waiting.size ? [] : last?.choices ?? [];
  choices.replaceChildren(...offered.map((choice) => {
    const button = make("button", "ghost", choice);
    button.type = "button";
    button.addEventListener("click", () => send(choice));
    return button;
  }));
  choices.hidden = offered.length === 0;
  if (inside) rest(false);
}

/** @param {string} id @param {string} sentence the server's reason, in the reader's language */
function refused(id, sentence) {
  const item = waiting.get(id);
  if (!item) return;
  say("status", sentence || words.notSent);
  refuse(item, sentence, (again) => {
    live?.send(id, "say", again);
    rest(false);
  });
}

/** A short loss needs no words; a longer one is said, with another way to talk. @param {"live" | "away"} now */
function status(now) {
  if (away === (now === "away")) return;
  away = now === "away";
  clearTimeout(awayTimer);
  if (away) {
    awayTimer = setTimeout(() => {
      find("offline").hidden = false;
      if (atBottom()) find("offline").scrollIntoView({ block: "nearest" });
      say("status", words.away);
    }, navigator.onLine ? 1500 : 0);
  } else if (!find("offline").hidden) {
    find("offline").hidden = true;
    say("status", words.back);
  }
}

/** @param {"ended" | "unknown"} reason */
function over(reason) {
  finish();
  if (reason === "ended") return;
  say("end-title", words.unknownTitle);
  say("end-text", words.unknownText);
}

// ---- what is said

/** @param {string} sentence */
function send(sentence) {
  if (!live || state?.ended) return;
  const id = newId();
  const item = pending(sentence);
  waiting.set(id, item);
  log.append(item);
  live.send(id, "say", sentence);
  offer();
  follow(null);
}

function submit() {
  const sentence = text.value.trim();
  if (!sentence) return;
  text.value = "";
  grow();
  send(sentence);
}

find("say").addEventListener("submit", (event) => {
  event.preventDefault();
  submit();
  if (document.activeElement === find("send")) rest(false);
});
find("send").addEventListener("pointerdown", (event) => event.preventDefault()); // the focus stays in the text box
text.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || !desk.matches) return;
  event.preventDefault();
  submit();
});
find("want-person").addEventListener("click", (event) => {
  const button = /** @type {HTMLElement} */ (event.currentTarget);
  if (!live || button.getAttribute("aria-disabled") === "true") return;
  button.setAttribute("aria-disabled", "true");
  button.textContent = words.personAsked ?? "";
  live.send(newId(), "person", "");
});

// ---- stopping

/** @param {boolean} open */
function ask(open) {
  find("confirm").hidden = !open;
  find("composer").classList.toggle("asking", open);
  find(open ? "confirm-title" : "wipe").focus();
  if (open) find("confirm").scrollIntoView({ block: "nearest" });
}

/** Clear everything a person could read, and show where else to go. */
function finish() {
  live?.stop();
  live = null;
  leaving.token = null;
  forget();
  empty();
  show("end");
  find("end-title").focus();
}

function empty() {
  waiting.clear();
  log.replaceChildren();
  find("choices").replaceChildren();
  for (const id of ["speaker", "urgent", "status"]) say(id, "");
  text.value = "";
}

find("wipe").addEventListener("click", () => ask(true));
find("wipe-no").addEventListener("click", () => ask(false));
find("wipe-yes").addEventListener("click", () => {
  if (leaving.token) void post("/chat/leave", { token: leaving.token, how: "end" }, true);
  finish();
});

// ---- the tab and the network

window.addEventListener("online", () => live?.nudge());
window.addEventListener("offline", () => live?.offline());
document.addEventListener("visibilitychange", () => { if (!document.hidden) live?.nudge(); });
const remember = () => { if (leaving.token && !state?.ended) keep(leaving.token); };
setInterval(remember, 20_000);
window.addEventListener("pagehide", () => {
  remember();
  live?.stop();
  if (log.isConnected) empty();
});
leaving.before.push(() => clearTimeout(awayTimer), () => live?.stop());
for (const link of document.querySelectorAll(".languages a, #again")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    location.replace(/** @type {HTMLAnchorElement} */ (link).href); // no trail of pages to go back through
  });
}
find("begin-form").addEventListener("submit", (event) => { event.preventDefault(); void start(); });
root.classList.add("live");
fit();
const token = kept();
if (token) {
  show("resume");
  find("resume-go").addEventListener("click", () => resume(token));
}
