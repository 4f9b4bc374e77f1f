// @ts-check
/** One column at a time on a small screen; and the keys. */
import { byId } from "./dom.js";
import { ask } from "./dialogs.js";

const wide = matchMedia("(min-width: 1000px)");

export function createPanes() {
  const tabs = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("[data-pane-to]")]);
  const room = byId("room");

  /** @param {string} pane @param {boolean} [really] */
  function go(pane, really = true) {
    if (!really) return;
    room.dataset.pane = pane;
    for (const tab of tabs) {
      if (tab.dataset.paneTo === pane) tab.setAttribute("aria-current", "true");
      else tab.removeAttribute("aria-current");
    }
  }
  for (const tab of tabs) tab.addEventListener("click", () => go(tab.dataset.paneTo ?? "queue"));
  go("queue");

  /** @param {number} count people who need something */
  function badge(count) {
    byId("tab-count").textContent = count ? ` (${count})` : "";
  }

  return { go, badge, wide: () => wide.matches };
}

/**
 * All with Alt, so that no letter typed by accident does anything (WCAG 2.1.4).
 * @param {{queue: () => void, talk: () => void, know: () => void, take: () => void, note: () => void}} keys
 */
export function createKeys(keys) {
  byId("keys").addEventListener("click", () => ask("keys-dialog"));
  addEventListener("keydown", (event) => {
    if (!event.altKey || event.ctrlKey || event.metaKey || document.querySelector("dialog[open]")) return;
    const what = { Digit1: keys.queue, Digit2: keys.talk, Digit3: keys.know, KeyO: keys.take, KeyN: keys.note }[event.code];
    if (!what) return;
    event.preventDefault();
    what();
  });
}
