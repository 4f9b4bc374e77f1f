// @ts-check
/** The left column: who waits, who is mine. The server gives the order; this only draws it and keeps the focus in place. */
import { byId, fill, h, pill, ticking } from "./dom.js";

/** @typedef {import("./types.js").Item} Item */
/** @typedef {import("./types.js").Queue} Queue */

/** @type {{key: "waiting"|"mine"|"with_bot"|"others", title: string, empty: string}[]} */
const GROUPS = [
  { key: "waiting", title: "Wachten", empty: "Niemand wacht. Goed zo." },
  { key: "mine", title: "Bij mij", empty: "" },
  { key: "with_bot", title: "Bij de computer", empty: "" },
  { key: "others", title: "Bij collega's", empty: "" },
];

/** The facts under the reason: Chat · Brasschaat · slachtoffer. @param {Item} item */
export function facts(item) {
  const place = item.place ? item.place + (item.place_ambiguous ? " (welke?)" : "") : item.place_ambiguous ? "gemeente niet duidelijk" : null;
  const language = item.language === "nl" ? null : item.language;
  const role = item.role_text && !item.role_text.endsWith("onbekend") ? item.role_text : null;
  return [item.channel_text, place, role, language].filter(Boolean).join(" · ");
}

/** Why this contact stands where it stands. @param {Item} item */
export function reasonOf(item) {
  const reason = item.reason || item.signals.join(", ") || "Nog geen vraag of zorg genoemd";
  return reason.charAt(0).toUpperCase() + reason.slice(1);
}

/** @param {(id: string) => void} onOpen */
export function createQueue(onOpen) {
  const root = byId("queue");
  /** @type {Map<string, HTMLElement>} */
  const rows = new Map();
  /** @type {Map<string, {section: HTMLElement, count: HTMLElement, list: HTMLElement, empty: HTMLElement}>} */
  const groups = new Map();
  /** @type {string|null} */
  let open = null;

  for (const { key, title, empty } of GROUPS) {
    const count = h("span", { class: "count num" });
    const list = h("ul", { class: "items", "aria-labelledby": `group-${key}` });
    const none = h("p", { class: "empty soft" }, empty);
    const section = h("section", { class: "group" }, h("h3", { class: "label", id: `group-${key}` }, title, " ", count), list, none);
    groups.set(key, { section, count, list, empty: none });
  }

  /** @param {Item} item @param {string} group */
  function row(item, group) {
    let line = rows.get(item.id);
    if (!line) {
      line = h("li", {}, h("button", { type: "button", class: "item", onclick: () => onOpen(item.id) }));
      rows.set(item.id, /** @type {HTMLElement} */ (line));
    }
    const button = /** @type {HTMLElement} */ (line?.firstElementChild);
    button.className = `item ${item.level}${item.id === open ? " open" : ""}`;
    if (item.id === open) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
    const waits = item.unanswered && (group === "mine" || group === "others");
    fill(button, [item, group], () => [
      h("span", { class: "item-top" }, pill(item), h("span", { class: "when" }, h("span", { class: "unseen" }, "al "), ticking(item.since))),
      h("span", { class: "item-why" }, reasonOf(item)),
      h("span", { class: "item-facts" }, facts(item), group === "others" && item.operator ? ` · ${item.operator}` : ""),
      ...(waits ? [h("span", { class: "item-waits" }, group === "mine" ? "Wacht op jouw antwoord" : "Wacht op antwoord")] : []),
    ]);
    return /** @type {HTMLElement} */ (line);
  }

  /** @param {Queue} queue @param {string|null} current */
  function render(queue, current) {
    open = current;
    const active = document.activeElement;
    if (root.firstElementChild?.classList.contains("loading")) root.replaceChildren();
    const alive = new Set();
    for (const { key, empty } of GROUPS) {
      const group = groups.get(key);
      const items = queue[key] ?? [];
      if (!group) continue;
      if (!group.section.isConnected) root.append(group.section);
      group.section.hidden = !items.length && !empty;
      group.empty.hidden = items.length > 0;
      group.count.textContent = items.length ? `· ${items.length}` : "";
      items.forEach((item, at) => {
        alive.add(item.id);
        const line = row(item, key);
        if (group.list.children[at] !== line) group.list.insertBefore(line, group.list.children[at] ?? null);
      });
    }
    for (const [id, line] of rows) {
      if (alive.has(id)) continue;
      line.remove();
      rows.delete(id);
    }
    if (active instanceof HTMLElement && active !== document.activeElement && root.contains(active)) active.focus({ preventScroll: true });
  }

  /** The first button of the list, for the keyboard. */
  function focus() {
    const first = root.querySelector(".item.open") ?? root.querySelector(".item");
    if (first instanceof HTMLElement) first.focus();
    else root.focus();
  }

  return { render, focus };
}
