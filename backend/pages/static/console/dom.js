// @ts-check
/** Making elements and saying times. Text always goes in as text, never as HTML. */

/**
 * @param {string} tag
 * @param {Record<string, any>} [attributes] `on…` are listeners, `class` and ARIA as they are, null and false are left out
 * @param {...(Node|string|null|undefined|false)} children
 * @returns {any} the element; `any` spares a cast at each call
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value") /** @type {any} */ (element).value = value;
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children) if (child !== null && child !== undefined && child !== false && child !== "") element.append(child);
  return element;
}

/** @param {string} id @returns {any} */
export function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`No element with id ${id}`);
  return element;
}

/** 32 lower-case hexadecimal characters: 128 random bits. */
export function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

let skew = 0; // server's clock minus ours, in ms

/** @param {Response} response */
export function learnClock(response) {
  const date = Date.parse(response.headers.get("Date") ?? "");
  if (!Number.isNaN(date)) skew = Math.abs(date - Date.now()) < 2000 ? 0 : date - Date.now();
}

/** How long ago: 0:41, 4:02, 1 u 04, 2 d. @param {string} iso */
export function ago(iso) {
  const seconds = Math.max(0, Math.floor((Date.now() + skew - Date.parse(iso)) / 1000));
  if (Number.isNaN(seconds)) return "";
  if (seconds >= 86400) return `${Math.floor(seconds / 86400)} d`;
  if (seconds >= 3600) return `${Math.floor(seconds / 3600)} u ${String(Math.floor((seconds % 3600) / 60)).padStart(2, "0")}`;
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** Seconds since, on the server's clock. @param {string} iso */
export const secondsSince = (iso) => (Date.now() + skew - Date.parse(iso)) / 1000;

const clock = new Intl.DateTimeFormat("nl-BE", { hour: "2-digit", minute: "2-digit" });
/** 21:06 on this screen's clock. @param {string} iso */
export const timeOf = (iso) => (Number.isNaN(Date.parse(iso)) ? "" : clock.format(new Date(iso)));

/** A waiting time that ticks (see `tick`). @param {string} iso @param {string} [className] */
export const ticking = (iso, className = "num") => h("span", { class: className, "data-since": iso }, ago(iso));

/** Called every second. */
export function tick() {
  for (const element of document.querySelectorAll("[data-since]")) {
    const text = ago(element.getAttribute("data-since") ?? "");
    if (element.textContent !== text) element.textContent = text;
  }
}

/** The level of a contact, always with its word. @param {{level: string, level_text: string}} of */
export const pill = (of) => h("span", { class: `pill ${of.level}` }, of.level_text);

/** @type {WeakMap<Element, string>} */
const shown = new WeakMap();

/**
 * Fill an element again only when its data changed, and give the focus back to the same place in it.
 * @param {HTMLElement} element
 * @param {unknown} data
 * @param {() => (Node|string)[]} build
 * @returns {boolean} whether anything changed
 */
export function fill(element, data, build) {
  const key = JSON.stringify(data);
  if (shown.get(element) === key) return false;
  shown.set(element, key);
  const active = document.activeElement;
  const focus = active && element.contains(active) ? active.getAttribute("data-focus") : null;
  element.replaceChildren(...build());
  if (focus) {
    const again = element.querySelector(`[data-focus="${CSS.escape(focus)}"]`);
    if (again instanceof HTMLElement) again.focus({ preventScroll: true });
  }
  return true;
}

/** Say something to a screen reader, once. @param {string} text @param {"polite"|"assertive"} [how] */
export function announce(text, how = "polite") {
  const region = byId(how === "polite" ? "say-polite" : "say-now");
  const line = h("p", {}, text);
  region.append(line);
  setTimeout(() => line.remove(), 8000);
}
