// @ts-check
/** One event as a person sees it. Only textContent: what somebody wrote is never markup. */

/** @typedef {import("./live.js").Event} Event @typedef {import("./live.js").Card} Card */

/** The page's words, from the data attributes of the body. */
export const words = document.body.dataset;

/** @param {string | undefined} text @param {Record<string, string | number>} values */
export function fill(text, values) {
  return (text ?? "").replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag @param {string} className @param {...(Node | string)} inside
 * @returns {HTMLElementTagNameMap[K]}
 */
export function make(tag, className, ...inside) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...inside);
  return element;
}

/** Bidirectional controls can make a text read as another one: they go. @param {string} text */
const clean = (text) => text.replace(/[\u202a-\u202e\u2066-\u2069]/g, "");

/** @param {string} at ISO 8601 */
const clock = (at) => new Date(at).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });

/** @param {Event} event */
function speaker({ who, name }) {
  return who === "you" ? words.you : who === "person" ? name || words.person : who === "computer" ? words.computer : words.notice;
}

/** A message of our own changes its label, and is no longer refused. @param {HTMLElement} item @param {string} label */
export function settle(item, label) {
  item.classList.remove("refused");
  item.querySelector(".again")?.remove();
  const who = item.querySelector(".who");
  if (who) who.textContent = label;
}

/** A message that the server did not take: why, and once more. @param {HTMLElement} item @param {string} reason @param {(text: string) => void} send */
export function refuse(item, reason, send) {
  settle(item, `${words.you} · ${words.notSent}`);
  item.classList.add("refused");
  const again = make("button", "ghost", words.tryAgain ?? "");
  again.type = "button";
  again.addEventListener("click", () => {
    settle(item, `${words.you} · ${words.sending}`);
    send(item.querySelector(".text")?.textContent ?? "");
  });
  item.append(make("p", "again", make("span", "", reason), again));
}

/** @param {Event} event */
export const label = (event) => `${speaker(event) ?? ""} · ${clock(event.at)}`;

/** @param {string} number @param {string} className */
export function phone(number, className) {
  const link = make("a", className, `${words.call} ${number}`);
  link.href = `tel:${number.replace(/[^\d+]/g, "")}`;
  return link;
}

/** A message of our own that the server has not confirmed. @param {string} text */
export function pending(text) {
  const item = make("div", "msg you pending", make("p", "who", `${words.you} · ${words.sending}`), body(text));
  item.setAttribute("aria-live", "off");
  return item;
}

/** @param {string} text */
function body(text) {
  const paragraph = make("p", "text", clean(text));
  paragraph.dir = "auto";
  return paragraph;
}

/**
 * Own messages and urgent ones stay silent in the log: the first were typed by the reader, the second are said by the alert.
 * @param {Event} event
 */
export function message(event) {
  const item = make("div", `msg ${event.who}`);
  item.dataset.label = `${event.who}${event.name ?? ""}${clock(event.at)}`;
  item.append(make("p", event.who === "system" ? "who unseen" : "who", label(event)));
  if (event.text) item.append(body(event.text));
  if (event.urgent) {
    item.classList.add("urgent");
    item.append(make("p", "pair", phone("112", "num"), phone("101", "num")));
  }
  if (event.card) item.append(card(event.card));
  if (event.who === "you" || event.urgent) item.setAttribute("aria-live", "off");
  return item;
}

/** A service somebody can go to. A number that is not confirmed does not arrive, so it is not here. @param {Card} card */
function card(card) {
  const list = make("dl", "");
  /** @param {string | undefined} name @param {...(Node | string | null | undefined)} inside */
  const row = (name, ...inside) => {
    const filled = inside.filter((part) => part !== null && part !== undefined && part !== "");
    if (filled.length) list.append(make("dt", "", name ?? ""), make("dd", "", .../** @type {(Node | string)[]} */ (filled)));
  };
  const now = card.open_now === true ? make("strong", "open", `${words.cardOpen} `)
    : card.open_now === false ? make("strong", "", `${card.opens ? fill(words.cardOpens, { opens: card.opens }) : words.cardClosed} `)
    : null;
  row(words.cardHours, now, card.hours);
  row(words.cardAddress, card.address);
  row(words.cardAccess, card.access);
  if (card.website && /^https?:\/\//.test(card.website)) {
    const link = make("a", "", card.website.replace(/^https?:\/\//, "").replace(/\/$/, ""));
    link.href = card.website;
    link.target = "_blank";
    link.rel = "noopener noreferrer";
    row(words.cardWebsite, link, make("small", "", words.cardWebsiteNote ?? ""));
  }
  const sheet = make("article", "card", make("p", "tag", words.cardTitle ?? ""), make("h2", "", card.name));
  if (card.why) sheet.append(make("p", "", card.why));
  if (card.phone) sheet.append(make("p", "", phone(card.phone, "go")));
  sheet.append(list);
  return sheet;
}
