// @ts-check
/** The right column: what we know, why we think so, and what was not asked yet. */
import { byId, fill, h, pill } from "./dom.js";

/** @typedef {import("./types.js").Conversation} Conversation */

const SOURCES = /** @type {Record<string, string>} */ ({ rule: "regel", model: "taalmodel", operator: "medewerker", words: "woorden" });

/** @param {string} name @param {(Node|string)[]} values @param {boolean} [always] */
function row(name, values, always = false) {
  if (!values.length && !always) return [];
  return [h("dt", {}, name), h("dd", {}, ...(values.length ? values : [h("span", { class: "soft" }, "nog niet bekend")]))];
}

/** @param {string[]} texts */
const joined = (texts) => (texts.length ? [texts.join(", ")] : []);

/**
 * @param {object} options
 * @param {() => void} options.onLevel
 * @param {(nis: string) => void} options.onPlace
 * @param {(seq: number) => void} options.onShow
 */
export function createKnow({ onLevel, onPlace, onShow }) {
  const level = byId("know-level");
  const facts = byId("know-facts");
  const reasons = byId("know-reasons");

  /** @param {Conversation} conversation */
  function render(conversation) {
    const a = conversation.assessment;
    const may = conversation.mine && !conversation.ended;
    byId("place-form").hidden = !may;

    fill(level, [a.level, a.level_text, may], () => [
      pill(a),
      may ? h("button", { type: "button", class: "button small quiet", "data-focus": "level", onclick: onLevel }, "Niet akkoord?") : "",
    ]);

    fill(facts, [a, may], () => [
      ...row("Thema", joined(a.themes), true),
      ...row("Vorm", joined(a.forms), true),
      ...row("Wie schrijft", [a.role_text && a.role_text !== "onbekend" ? a.role_text : h("span", { class: "soft" }, "nog niet bekend"),
        ...(a.caller_is_minor ? [" ", h("span", { class: "pill serious" }, "minderjarig")] : [])], true),
      ...row("Signalen", a.signals.map((signal) => h("span", { class: `pill ${signal.grave ? "acute" : "serious"}` }, signal.text))),
      ...row("Gemeente", places(a, may), true),
      ...row("Nood aan", joined(a.needs)),
      ...row("Nog niet gevraagd", joined(a.not_asked)),
    ]);

    reasons.hidden = !a.reasons.length;
    fill(byId("know-reasons-list"), a.reasons, () => a.reasons.map((reason, n) => h("li", {},
      reason.text, " ", h("span", { class: "soft" }, `(${SOURCES[reason.source] ?? reason.source})`),
      reason.seq ? h("button", { type: "button", class: "button small quiet", "data-focus": `reason-${n}`, onclick: () => onShow(reason.seq ?? 0) },
        "Toon", h("span", { class: "unseen" }, ` het bericht: ${reason.text}`)) : null)));
  }

  /** @param {Conversation["assessment"]} a @param {boolean} may */
  function places(a, may) {
    if (!a.place_ambiguous) return joined(a.places.map((place) => place.name));
    const which = h("span", { class: "which" }, "Welke? Vraag het na.");
    if (!may) return [which, " ", a.places.map((place) => place.name).join(" of ")];
    return [which, h("span", { class: "candidates" }, ...a.places.map((place) =>
      h("button", { type: "button", class: "button small", "data-focus": `place-${place.nis}`, onclick: () => onPlace(place.nis) }, place.name)))];
  }

  return { render };
}
