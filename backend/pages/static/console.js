// @ts-check
/** The operator's console: one state, in memory, and the parts that draw it. Nothing a citizen said is kept in this browser. */
import { Away, Refused, get, post, talkPath } from "./console/api.js";
import { createAlarm, tap } from "./console/alarm.js";
import { WEIGHING } from "./console/answers.js";
import { stayAwake } from "./console/awake.js";
import { createCompose } from "./console/compose.js";
import { ask } from "./console/dialogs.js";
import { announce, byId, fill, h, newId, pill, tick } from "./console/dom.js";
import { cardOf, createDoors } from "./console/doors.js";
import { createKnow } from "./console/know.js";
import { createKeys, createPanes } from "./console/panes.js";
import { connect } from "./console/live.js";
import { createOutbox } from "./console/outbox.js";
import { createPlace } from "./console/place.js";
import { createQueue, facts } from "./console/queue.js";
import { createTalk } from "./console/talk.js";

/** @typedef {import("./console/types.js").Conversation} Conversation */
/** @typedef {import("./console/types.js").Queue} Queue */
/** @typedef {import("./console/types.js").Talk} Talk */

const OUTCOMES = /** @type {Record<string, string>} */ ({
  helped: "geholpen", referred: "doorverwezen", emergency: "noodhulp", no_contact: "geen contact meer", misuse: "misbruik",
});

/** @type {Map<string, Talk>} */
const talks = new Map();
/** @type {Queue|null} */
let queue = null;
/** @type {string|null} the conversation on screen */
let open = null;

const talkOpen = () => (open ? (talks.get(open) ?? null) : null);

const queueView = createQueue((id) => show(id));
const alarm = createAlarm({ onTake: (id) => claim(id), onOpen: (id) => show(id) });
const panes = createPanes();
const outbox = createOutbox((talk) => { if (talk === talkOpen()) { talkView.drawPending(talk); talkView.toEnd(); } });
const compose = createCompose({ name: document.body.dataset.name ?? "", onSend: (talk, kind, text) => outbox.send(talk, kind, text) });
const talkView = createTalk((talk, id) => {
  const message = outbox.takeBack(talk, id);
  if (!message) return;
  compose.setMode(message.kind);
  compose.suggest(message.text);
});
const place = createPlace(async (nis) => { await act("place", { nis }); });
const know = createKnow({ onLevel: changeLevel, onPlace: (nis) => act("place", { nis }), onShow: (seq) => { panes.go("talk"); talkView.show(seq); } });
const doors = createDoors({ onRefer: refer, onSuggest: (text) => { panes.go("talk"); compose.suggest(text); } });

stayAwake(Number(document.body.dataset.idle));
const live = connect({
  watching: () => { const talk = talkOpen(); return talk ? { conversation: talk.conversation.id, after: talk.conversation.head } : null; },
  onConnected(connected) {
    const was = byId("away").hidden;
    byId("away").hidden = connected;
    if (!connected && was) announce("Verbinding weg. We proberen opnieuw.");
    if (connected && !was) announce("De verbinding is terug.");
    if (connected) outbox.again();
  },
  onFrame(frame) {
    if (frame.type === "queue") drawQueue(frame.queue);
    else if (frame.type === "alarm") alarm.alarm(frame.item);
    else if (frame.type === "conversation") merge(frame.conversation, frame.after);
    else if (frame.type === "refused") closed(frame.message);
  },
});

/** @param {Queue} next */
function drawQueue(next) {
  const before = queue;
  queue = next;
  const nobody = !(next.waiting.length + next.mine.length + next.with_bot.length + next.others.length);
  byId("none-title").textContent = nobody ? "Niemand wacht. Goed zo." : "Kies links een gesprek.";
  byId("none-text").textContent = nobody ? "Een nieuw gesprek verschijnt hier vanzelf." : "Wie het meeste gevaar loopt, staat bovenaan.";
  queueView.render(next, open);
  alarm.update(next);
  drawAvailable(next.available, next.operators);
  panes.badge(next.waiting.length + next.mine.filter((item) => item.unanswered && item.id !== open).length);
  if (before) {
    for (const item of next.mine) {
      const old = before.mine.find((other) => other.id === item.id);
      if (!item.unanswered || old?.unanswered !== false) continue;
      if (item.id !== open) announce(`Nieuw bericht: ${facts(item)}`);
      if (item.id !== open || document.visibilityState === "hidden") tap();
    }
  } else if (!open && next.mine[0] && panes.wide()) show(next.mine[0].id, false);
}

/** @param {boolean} available @param {number} [operators] */
function drawAvailable(available, operators) {
  byId("available").setAttribute("aria-checked", String(available));
  byId("available-text").textContent = available ? "Beschikbaar" : "Niet beschikbaar";
  if (operators !== undefined) byId("operators").textContent = operators === 1 ? "1 aan het werk" : `${operators} aan het werk`;
}

/** The server no longer lets me read the open talk: mostly a colleague was faster. @param {string} message */
function closed(message) {
  const talk = talkOpen();
  if (!talk) return;
  if (talk.conversation.mine) return say(message);
  const other = queue?.others.find((item) => item.id === open)?.operator;
  talks.delete(talk.conversation.id);
  talkView.clear();
  state("message", other ? `${other} nam dit gesprek.` : message);
  announce(byId("talk-message").textContent ?? "");
}

/** New facts about a conversation; events only those after `after`. @param {Conversation} next @param {number} after */
function merge(next, after) {
  const talk = talks.get(next.id);
  if (!talk) return;
  const events = talk.conversation.events;
  const head = talk.conversation.head;
  if (after > head) { if (open === next.id) live.watch(); return; } // a gap: ask again from where we are
  const last = events.at(-1)?.seq ?? 0;
  const { assessment, doors } = talk.conversation; // null in a frame: unchanged
  talk.conversation = { ...next, assessment: next.assessment ?? assessment, doors: next.doors ?? doors, head: Math.max(head, next.head), events: [...events, ...next.events.filter((event) => event.seq > last)] };
  if (open === next.id) draw();
}

/** Open a conversation. The server decides whether I may read it. @param {string} id @param {boolean} [move] also the focus */
async function show(id, move = true) {
  if (open !== id) { byId("know-body").parentElement.scrollTop = 0; place.clear(); }
  open = id;
  if (queue) queueView.render(queue, open);
  panes.go("talk", move);
  if (talks.has(id)) draw();
  else { talkView.clear(); state("loading"); }
  try {
    const conversation = await get(talkPath(id));
    const known = talks.get(id);
    const again = Boolean(known);
    if (known) known.conversation = conversation;
    else talks.set(id, { conversation, pending: [], drafts: { say: "", note: "" }, mode: "say", seen: 0 });
    if (open !== id) return;
    draw(again);
    live.watch();
    if (move) focusTalk();
  } catch (error) {
    if (!(error instanceof Refused || error instanceof Away)) throw error;
    if (open !== id) return;
    if (!talks.has(id)) state("message", error.message);
    else say(error.message);
  }
}

function focusTalk() {
  const talk = talkOpen();
  if (!talk) return;
  if (talk.conversation.mine && !talk.conversation.ended && panes.wide()) compose.focus();
  else byId("talk-title").focus();
}

/** What the middle and right columns show when there is no talk. @param {"none"|"loading"|"message"|"talk"} which @param {string} [text] */
function state(which, text = "") {
  byId("talk-none").hidden = which !== "none";
  byId("talk-loading").hidden = which !== "loading";
  byId("talk-message").hidden = which !== "message";
  byId("talk-message").textContent = text;
  for (const id of ["talk-head", "talk-scroll", "talk-foot", "know-body"]) byId(id).hidden = which !== "talk";
  byId("know-none").hidden = which === "talk";
  if (which !== "talk") say("");
}

/** A calm sentence above the text field. @param {string} text */
function say(text) {
  byId("talk-say").textContent = text;
  byId("talk-say").hidden = !text;
}

function draw(again = false) {
  const talk = talkOpen();
  if (!talk) return state("none");
  const { item, mine, ended, outcome, number } = talk.conversation;
  state("talk");
  fill(byId("talk-title"), [item.level, item.level_text, facts(item)], () => [pill(item), " ", facts(item)]);
  byId("talk-number").textContent = `nr. ${number}`;
  byId("close").hidden = !mine || (ended && outcome !== null);
  byId("compose").hidden = byId("hand-back").hidden = !mine || ended;
  const other = !mine && !ended && item.operator;
  byId("claim-box").hidden = mine || ended || Boolean(other);
  byId("ended-box").hidden = !ended && !other;
  byId("ended-box").textContent = ended
    ? `Dit gesprek is afgelopen${outcome && OUTCOMES[outcome] ? `: ${OUTCOMES[outcome]}` : ""}. Je kan het nog lezen.`
    : other ? `${item.operator} heeft dit gesprek. Je leest alleen mee.` : "";
  byId("claim-why").textContent = item.speaker === "computer" || item.speaker === "bot"
    ? "De computer praat met deze persoon. Neem jij het gesprek, dan zwijgt de computer." : "Deze persoon wacht op een mens.";
  compose.use(mine && !ended ? talk : null);
  talkView.render(talk, again);
  know.render(talk.conversation);
  doors.render(talk.conversation);
}

/** @param {string} id */
async function claim(id) {
  if (open !== id) await show(id, false);
  panes.go("talk");
  try {
    await post(talkPath(id, "claim"));
    say("");
    await show(id, true);
  } catch (error) {
    refused(error);
    const fresh = error instanceof Refused && error.code === "already_claimed" ? await get("/api/queue").catch(() => null) : null;
    if (fresh) drawQueue(fresh);
    if (open === id && talkOpen()) byId("talk-title").focus();
  }
}

/** @param {unknown} error */
function refused(error) {
  if (!(error instanceof Refused || error instanceof Away)) throw error;
  if (talkOpen()) say(error.message);
  else state("message", error.message);
  announce(error.message);
}

/** One act on the open conversation. The socket brings its effect; when the socket is away we read again. @param {string} what @param {object} body */
async function act(what, body) {
  const id = open;
  if (!id) return false;
  try {
    await post(talkPath(id, what), body);
    say("");
    if (!byId("away").hidden) await show(id, false);
    return true;
  } catch (error) {
    refused(error);
    return false;
  }
}

async function changeLevel() {
  const talk = talkOpen();
  const answer = await ask("level-dialog", (dialog) => {
    const now = dialog.querySelector(`input[value="${talk?.conversation.assessment.level}"]`);
    if (now instanceof HTMLInputElement) now.checked = true;
  });
  if (answer && (await act("level", { level: answer.get("level"), reason: String(answer.get("reason")).trim() }))) announce("Niveau gewijzigd.");
}

/** @param {import("./console/types.js").Door} door */
async function refer(door) {
  const id = newId();
  const answer = await ask("refer-dialog", () => byId("refer-card").replaceChildren(cardOf(doors.preview(door))));
  if (answer && (await act("refer", { service: door.service, id }))) announce(`Verwezen naar ${door.name}.`);
}

byId("claim").addEventListener("click", () => open && claim(open));
byId("close").addEventListener("click", async () => {
  const answer = await ask("close-dialog");
  if (answer && (await act("close", { outcome: answer.get("outcome") }))) byId("talk-title").focus();
});
byId("hand-back").addEventListener("click", async () => {
  const answer = await ask("hand-back-dialog");
  if (answer && (await act("hand-back", { to: answer.get("to") }))) byId("talk-title").focus();
});
byId("available").addEventListener("click", async () => {
  const want = byId("available").getAttribute("aria-checked") !== "true";
  try {
    drawAvailable((await post("/api/presence", { available: want })).available);
  } catch (error) {
    refused(error);
  }
});
byId("away-now").addEventListener("click", () => live.hurry());
document.addEventListener("visibilitychange", () => {
  const talk = talkOpen();
  if (talk && document.visibilityState === "visible") talk.seen = talk.conversation.head;
});
addEventListener("beforeunload", (event) => { if (outbox.waiting()) event.preventDefault(); });

byId("weighing").append(...WEIGHING.flatMap((part) => [h("h4", {}, part.title), h("ul", {}, ...part.questions.map((question) => h("li", {}, question)))]));
createKeys({
  queue: () => { panes.go("queue"); queueView.focus(); },
  talk: () => { panes.go("talk"); focusTalk(); },
  know: () => { panes.go("know"); byId("know-title").focus(); },
  take: () => { const id = alarm.first(); if (id) claim(id); },
  note: () => { if (!byId("compose").hidden) byId("note").click(); },
});
setInterval(tick, 1000);
state("none");
get("/api/queue").then(drawQueue).catch((error) => {
  if (!(error instanceof Refused || error instanceof Away)) throw error;
  byId("queue-loading").textContent = error.message;
});
