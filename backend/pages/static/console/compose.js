// @ts-check
/** The text field: to the person or, clearly different, a note for colleagues. Each conversation keeps its own unsent words. */
import { announce, byId, h } from "./dom.js";
import { matching } from "./answers.js";

/** @typedef {import("./types.js").Talk} Talk */

/**
 * @param {object} options
 * @param {string} options.name the operator's first name
 * @param {(talk: Talk, kind: "say"|"note", text: string) => void} options.onSend
 */
export function createCompose({ name, onSend }) {
  const form = byId("compose");
  const text = byId("text");
  const label = byId("text-label");
  const send = byId("send");
  const note = byId("note");
  const list = byId("quick-list");
  /** @type {Talk|null} */
  let talk = null;
  /** @type {{key: string, text: string}[]} */
  let found = [];
  let at = 0;

  function drawMode() {
    const writing = talk?.mode === "note";
    form.classList.toggle("noting", writing);
    note.setAttribute("aria-pressed", String(writing));
    label.textContent = writing ? "Notitie, alleen voor collega's" : "Aan de persoon";
    text.placeholder = writing ? "Alleen collega's lezen dit" : "Schrijf aan de persoon… ( / voor een snel antwoord )";
    send.textContent = writing ? "Bewaar notitie" : "Stuur";
  }

  /** @param {"say"|"note"} mode */
  function setMode(mode) {
    if (!talk) return;
    talk.mode = mode;
    text.value = talk.drafts[mode];
    drawMode();
    grow();
    closeQuick();
  }

  function grow() {
    text.style.height = "auto";
    text.style.height = `${Math.min(text.scrollHeight + 3, 200)}px`;
  }

  function closeQuick() {
    found = [];
    list.hidden = true;
    list.replaceChildren();
    text.removeAttribute("aria-activedescendant");
  }

  /** @param {number} next */
  function point(next) {
    at = (next + found.length) % found.length;
    Array.from(list.children).forEach((row, n) => /** @type {HTMLElement} */ (row).setAttribute("aria-selected", String(n === at)));
    text.setAttribute("aria-activedescendant", `quick-${at}`);
    list.children[at]?.scrollIntoView({ block: "nearest" });
  }

  function drawQuick() {
    const typed = /^\/(\S*)$/.exec(text.value);
    if (!typed || talk?.mode !== "say") return closeQuick();
    const before = found.length;
    found = matching(typed[1] ?? "", name);
    list.replaceChildren(...found.map((answer, n) =>
      h("li", { role: "option", id: `quick-${n}`, onpointerdown: (/** @type {Event} */ event) => { event.preventDefault(); take(n); } },
        h("strong", {}, `/${answer.key}`), " ", answer.text)));
    list.hidden = !found.length;
    if (found.length) point(0);
    if (found.length !== before) announce(found.length === 1 ? "1 snel antwoord" : `${found.length} snelle antwoorden, kies met de pijltjes`);
  }

  /** @param {number} n */
  function take(n) {
    const answer = found[n];
    if (!answer) return;
    put(answer.text);
  }

  /** @param {string} words replaces what is there */
  function put(words) {
    text.value = words;
    keep();
    closeQuick();
    text.focus();
    text.setSelectionRange(words.length, words.length);
  }

  function keep() {
    if (talk) talk.drafts[talk.mode] = text.value;
    grow();
  }

  function submit() {
    const words = text.value.trim();
    if (!talk || !words) return;
    const mode = talk.mode;
    text.value = "";
    keep();
    onSend(talk, mode, words);
    if (mode === "note") setMode("say");
    text.focus();
  }

  text.addEventListener("input", () => { keep(); drawQuick(); });
  text.addEventListener("blur", closeQuick);
  text.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.isComposing) return;
    if (found.length) {
      if (event.key === "ArrowDown") { event.preventDefault(); return point(at + 1); }
      if (event.key === "ArrowUp") { event.preventDefault(); return point(at - 1); }
      if (event.key === "Enter" || (event.key === "Tab" && !event.shiftKey)) { event.preventDefault(); return take(at); }
      if (event.key === "Escape") { event.preventDefault(); return closeQuick(); }
    }
    if (event.key === "Enter" && !event.shiftKey && !event.altKey) { event.preventDefault(); submit(); }
  });
  form.addEventListener("submit", (/** @type {Event} */ event) => { event.preventDefault(); submit(); });
  note.addEventListener("click", () => { setMode(talk?.mode === "note" ? "say" : "note"); text.focus(); });
  byId("quick").addEventListener("click", () => {
    setMode("say");
    if (!text.value) text.value = "/";
    text.focus();
    if (text.value === "/") drawQuick();
    else announce("Maak het tekstvak leeg voor een snel antwoord.");
  });

  /** @param {Talk|null} next */
  function use(next) {
    if (next === talk) return;
    talk = next;
    if (next) setMode(next.mode);
  }

  /** Offer a sentence without losing what stands there. @param {string} words */
  function suggest(words) {
    setMode("say");
    put(text.value.trim() && text.value !== "/" ? `${text.value.trim()} ${words}` : words);
  }

  return { use, suggest, setMode, focus: () => text.focus() };
}
