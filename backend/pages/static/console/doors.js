// @ts-check
/** The right door: services in the order the server gave, with their reasons; what the citizen will see; one question before it goes. */
import { byId, fill, h } from "./dom.js";

/** @typedef {import("./types.js").Card} Card */
/** @typedef {import("./types.js").Door} Door */
/** @typedef {import("./types.js").Conversation} Conversation */

/** @param {string} number */
const tel = (number) => h("a", { class: "num", href: `tel:${number.replace(/[^+\d]/g, "")}` }, number);

/** @param {{open_now: boolean|null, opens: string|null}} of */
function openState(of) {
  if (of.open_now === true) return h("span", { class: "door-open now" }, "nu open");
  if (of.opens) return h("span", { class: "door-open" }, of.opens);
  return of.open_now === false ? h("span", { class: "door-open" }, "nu dicht") : null;
}

/** @param {string} name @param {Node|string|null|undefined} value */
const fact = (name, value) => (value ? [h("dt", {}, name), h("dd", {}, value)] : []);

/** A web address as people read it. @param {string} address */
const site = (address) => address.replace(/^https?:\/\/(www\.)?/, "").replace(/\/$/, "");

/** The card as the citizen sees it; links are text here, so that a click goes nowhere. @param {Card} card */
export function cardOf(card) {
  return h("div", { class: "citizen-card" },
    h("div", { class: "door-top" }, h("strong", {}, card.name), openState(card)),
    card.why ? h("p", {}, card.why) : null,
    h("dl", {},
      ...fact("Telefoon", card.phone), ...fact("Uren", card.hours), ...fact("Adres", card.address),
      ...fact("Website", card.website ? site(card.website) : null), ...fact("Goed om te weten", card.access)));
}

/** What will be shown: the phone only when it is confirmed (promise 8). @param {Door} door @returns {Card} */
const preview = (door) => ({ ...door, phone: door.phone_confirmed ? door.phone : null });

/**
 * @param {object} options
 * @param {(door: Door) => void} options.onRefer
 * @param {(text: string) => void} options.onSuggest puts a sentence in the text field
 */
export function createDoors({ onRefer, onSuggest }) {
  const list = byId("doors");
  const rejected = byId("rejected");
  const ask = byId("ask");
  const question = "In welke gemeente woon je? Dan zoek ik hulp dicht bij jou.";

  /** @param {Door} door @param {boolean} may */
  function card(door, may) {
    const phone = door.phone
      ? h("span", {}, tel(door.phone), door.phone_confirmed ? null : h("span", { class: "unsure" }, " nummer niet bevestigd"))
      : null;
    return h("li", { class: `door${door.referred ? " referred" : ""}` },
      h("div", { class: "door-top" }, h("h4", {}, door.name), openState(door)),
      door.kind_text && door.kind_text !== door.name ? h("p", { class: "door-kind" }, door.kind_text) : null,
      h("p", { class: "door-why" }, door.why),
      door.referred ? null : h("dl", {}, ...fact("Telefoon", phone), ...fact("Uren", door.hours), ...fact("Toegang", door.access), ...fact("Adres", door.address),
        ...fact("Let op", door.note)),
      door.referred
        ? h("p", { class: "door-done" }, "Verwezen. De persoon zag de kaart.")
        : may
          ? h("button", { type: "button", class: "button small", "data-focus": `door-${door.service}`, onclick: () => onRefer(door) },
              "Verwijs", h("span", { class: "unseen" }, ` naar ${door.name}`))
          : null);
  }

  /** @param {Conversation} conversation */
  function render(conversation) {
    const { services, rejected: no, ask: need } = conversation.doors;
    const may = conversation.mine && !conversation.ended;
    fill(ask, [need, may], () => need === "place"
      ? [h("div", { class: "notice warn" }, h("p", {}, h("strong", {}, "Vraag eerst de gemeente."), " Dan weten we welke dienst er werkt."),
          may ? h("button", { type: "button", class: "button small", "data-focus": "ask", onclick: () => onSuggest(question) }, "Zet de vraag klaar") : "")]
      : []);
    fill(list, [services, may], () => services.length
      ? services.map((door) => card(door, may))
      : [h("li", { class: "soft empty" }, need === "place" ? "Nog geen deur: de gemeente is niet bekend." : "Nog geen deur. Die komt zodra we meer weten.")]);
    rejected.hidden = !no.length;
    fill(rejected, no, () => [
      h("summary", {}, h("span", { class: "label" }, `Afgewezen · ${no.length}`)),
      h("ul", {}, ...no.map((one) => h("li", {}, h("strong", {}, one.name), ": ", one.why))),
    ]);
  }

  return { render, preview };
}
