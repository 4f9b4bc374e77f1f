// @ts-check
/** Where a person looks: the size of the page above a screen keyboard, the place in the talk, the focus, the text box. */
import { fill, words } from "./message.js";

export const find = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
export const text = /** @type {HTMLTextAreaElement} */ (find("text"));
/** A keyboard and a mouse: Enter sends, and the text box may take the focus without a screen keyboard covering the talk. */
export const desk = matchMedia("(hover: hover) and (pointer: fine)");
const root = document.documentElement;
const scroll = find("scroll");

/** Where the focus rests: the text box, except where that would open a screen keyboard over the talk. @param {boolean} arriving */
export function rest(arriving) {
  if (desk.matches || (!arriving && document.activeElement === text)) text.focus();
  else scroll.focus({ preventScroll: true });
}

/** On a short screen the whole page scrolls, else the talk does. */
const scroller = () => (root.classList.contains("short") ? find("app") : scroll);

let low = true;

export function atBottom() {
  const box = scroller();
  return box.scrollHeight - box.scrollTop - box.clientHeight < 120;
}

/** Go down, but never past the start of what is new. @param {HTMLElement | null} first */
export function follow(first) {
  const box = scroller();
  const bottom = box.scrollHeight - box.clientHeight;
  const edge = box === scroll ? 16 : find("top").offsetHeight + 16; // in a short window the header lies over the talk
  const top = first ? first.getBoundingClientRect().top - box.getBoundingClientRect().top + box.scrollTop - edge : bottom;
  box.scrollTop = Math.min(bottom, top);
  find("newer").hidden = true;
}

/** The page is as high as what can be seen, also above a screen keyboard. */
export function fit() {
  const view = window.visualViewport;
  if (!view || view.scale > 1.01) return;
  root.style.setProperty("--height", `${view.height}px`);
  root.style.setProperty("--top", `${view.offsetTop}px`);
  root.classList.toggle("short", view.height < 34 * parseFloat(getComputedStyle(root).fontSize));
}

find("newer").addEventListener("click", () => follow(null));
for (const box of [scroll, find("app")]) {
  box.addEventListener("scroll", () => {
    low = atBottom();
    if (low) find("newer").hidden = true;
  }, { passive: true });
}
// When something takes room below or above the talk, who was at the end stays at the end.
new ResizeObserver(() => { if (low && root.dataset.view === "talk") scroller().scrollTop = scroller().scrollHeight; }).observe(scroll);
window.visualViewport?.addEventListener("resize", fit);
window.visualViewport?.addEventListener("scroll", fit);

/** The text box grows with its text; near the end it says how much is left. */
export function grow() {
  text.style.height = "auto";
  text.style.height = `${Math.min(text.scrollHeight + 4, 150)}px`;
  const count = text.maxLength - text.value.length;
  find("left").textContent = count <= 200 ? fill(words.left, { count }) : "";
}

text.addEventListener("input", grow);
