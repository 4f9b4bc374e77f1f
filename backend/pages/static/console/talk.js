// @ts-check
/** The middle column: what was said, in order, with what the system did in between. Only grows; drawn anew per conversation. */
import { announce, byId, h, timeOf } from "./dom.js";
import { cardOf } from "./doors.js";

/** @typedef {import("./types.js").TalkEvent} TalkEvent */
/** @typedef {import("./types.js").Talk} Talk */

const WORDS = new Set(["said", "replied", "operator_said", "noted"]);
const NAMES = { citizen: "Persoon", computer: "Computer", operator: "Medewerker", system: "Systeem" };
const NEAR = 96; // px from the end that still counts as reading along

/** The words with the marked parts, each with its reason. @param {TalkEvent} event */
function marked(event) {
  const points = Array.from(event.text);
  const parts = [];
  let from = 0;
  for (const [start, end, reason] of [...(event.marks ?? [])].sort((a, b) => a[0] - b[0])) {
    if (start < from || end <= start) continue;
    parts.push(points.slice(from, start).join(""));
    parts.push(h("mark", { title: reason }, points.slice(start, end).join(""), h("span", { class: "unseen" }, ` (${reason}) `)));
    from = end;
  }
  parts.push(points.slice(from).join(""));
  return parts.filter((part) => part !== "");
}

/** @param {TalkEvent} event */
const nameOf = (event) => event.name || NAMES[event.who] || "";

/** @param {TalkEvent} event @param {boolean} first of a run by the same speaker */
function words(event, first) {
  const kind = event.type === "noted" ? "note" : event.who;
  const by = event.type === "noted" ? `Notitie van ${nameOf(event)}, alleen voor collega's` : nameOf(event);
  return h("div", { class: `words ${kind}${first ? " first" : ""}`, "data-seq": event.seq },
    h("p", { class: first ? "by" : "by unseen" }, by, " · ", h("time", { datetime: event.at }, timeOf(event.at))),
    h("div", { class: "bubble", dir: "auto" }, ...marked(event)),
    event.choices?.length ? h("p", { class: "choices" }, "Keuzes: ", event.choices.join(" · ")) : null);
}

/** @param {TalkEvent} event */
function line(event) {
  const at = h("time", { datetime: event.at }, timeOf(event.at));
  if (event.type === "referred" && event.card) {
    return h("div", { class: "sent-card", "data-seq": event.seq },
      h("p", { class: "by" }, `${nameOf(event)} verwees door · `, at), cardOf(event.card));
  }
  if (event.type === "left" || event.type === "closed") {
    const quick = event.type === "left" && /uitgang/i.test(event.text);
    return h("div", { class: "line ending", "data-seq": event.seq },
      h("p", {}, h("strong", {}, event.text), " · ", at),
      quick ? h("p", {}, "Je kan deze persoon niet volgen of terug oproepen. Zo blijft weggaan veilig.") : null);
  }
  const silent = event.type === "claimed" && !/computer/i.test(event.text) ? " · de computer zwijgt" : "";
  const prefix = event.type === "notice" ? "De persoon las: " : "";
  return h("p", { class: `line of-${event.type}${event.urgent ? " urgent" : ""}`, "data-seq": event.seq }, prefix, event.text, " · ", at, silent);
}

/** @param {(talk: Talk, id: string) => void} onTakeBack a refused message goes back into the text field */
export function createTalk(onTakeBack) {
  const pane = byId("talk-scroll");
  const log = byId("log");
  const jump = byId("jump");
  /** @type {Talk|null} */
  let shown = null;
  let last = 0;
  let speaker = "";
  const waiting = h("div", { class: "pending" });
  log.after(waiting);

  const atEnd = () => pane.scrollHeight - pane.scrollTop - pane.clientHeight < NEAR;
  const toEnd = () => { pane.scrollTop = pane.scrollHeight; jump.hidden = true; };
  jump.addEventListener("click", () => { toEnd(); pane.focus(); });
  pane.addEventListener("scroll", () => { if (atEnd()) jump.hidden = true; }, { passive: true });

  function separator() {
    log.querySelector(".unread")?.remove();
    log.append(h("p", { class: "unread" }, "Nieuw"));
    speaker = "";
  }

  /** @param {TalkEvent} event */
  function add(event) {
    if (WORDS.has(event.type)) {
      const who = `${event.type === "noted" ? "note" : event.who}:${event.name ?? ""}`;
      log.append(words(event, who !== speaker));
      speaker = who;
    } else {
      log.append(line(event));
      speaker = "";
    }
    last = event.seq;
  }

  /** @param {Talk} talk @param {boolean} [again] opened again: what came meanwhile is unread, and is not read aloud */
  function render(talk, again = false) {
    const fresh = talk !== shown;
    if (fresh) {
      log.replaceChildren();
      last = 0;
      speaker = "";
      shown = talk;
      jump.hidden = true;
    }
    const stay = fresh || atEnd();
    const away = document.visibilityState === "hidden";
    let unread = false;
    for (const event of talk.conversation.events) {
      if (event.seq <= last) continue;
      const theirs = event.who === "citizen";
      if (theirs && !unread && talk.seen && event.seq > talk.seen && (fresh || again || away)) {
        unread = true;
        separator();
      }
      add(event);
      if (!fresh && !again && theirs) announce(`${nameOf(event)}: ${event.text}`);
      if (!fresh && !again && event.type === "left") announce(event.text);
      if (!fresh && event.type === "operator_said") log.querySelector(".unread")?.remove();
    }
    if (!away) talk.seen = talk.conversation.head;
    drawPending(talk);
    if (stay) toEnd();
    else if (!fresh && !atEnd()) jump.hidden = false;
  }

  /** Mine that the log does not hold yet. @param {Talk} talk */
  function drawPending(talk) {
    const events = talk.conversation.events;
    const taken = new Set();
    talk.pending = talk.pending.filter((message) => {
      if (message.seq !== null) return !events.some((event) => event.seq === message.seq);
      return true;
    });
    const rows = talk.pending.filter((message) => {
      // The event may come before the answer to the POST: then it is on screen already.
      const type = message.kind === "note" ? "noted" : "operator_said";
      const same = events.find((event) => event.seq > message.after && event.type === type && event.text === message.text && !taken.has(event.seq));
      if (same) taken.add(same.seq);
      return !same;
    });
    waiting.replaceChildren(...rows.map((message) =>
      h("div", { class: `words ${message.kind === "note" ? "note" : "operator"} ${message.refused ? "refused" : "sending"}` },
        h("div", { class: "bubble", dir: "auto" }, message.text),
        h("p", { class: "state" }, message.refused ? `Niet verstuurd. ${message.refused} ` : message.seq ? "" : "wordt verstuurd…",
          message.refused ? h("button", { type: "button", class: "button small", onclick: () => onTakeBack(talk, message.id) }, "Zet terug in het tekstvak") : null))));
  }

  /** @param {number} seq */
  function show(seq) {
    const element = log.querySelector(`[data-seq="${seq}"]`);
    if (!(element instanceof HTMLElement)) return;
    element.tabIndex = -1;
    element.scrollIntoView({ block: "center" });
    element.focus({ preventScroll: true });
    element.classList.add("pointed");
    setTimeout(() => element.classList.remove("pointed"), 2500);
  }

  function clear() {
    shown = null;
    log.replaceChildren();
    waiting.replaceChildren();
  }

  return { render, drawPending, toEnd, show, clear };
}
