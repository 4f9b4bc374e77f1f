// @ts-check
/** Setting the municipality: type a few letters, choose. Only a place name goes to the server, never words of a citizen. */
import { Away, Refused, get } from "./api.js";
import { byId, h } from "./dom.js";

const REST = 180; // ms of rest before asking

/** @param {(nis: string) => Promise<void>} onChoose */
export function createPlace(onChoose) {
  const input = byId("place-input");
  const list = byId("place-list");
  const status = byId("place-status");
  /** @type {{nis: string, name: string, detail: string}[]} */
  let found = [];
  let at = -1;
  let timer = 0;
  let asked = 0;

  function close() {
    found = [];
    at = -1;
    list.hidden = true;
    list.replaceChildren();
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  /** @param {number} next */
  function point(next) {
    at = (next + found.length) % found.length;
    Array.from(list.children).forEach((row, n) => /** @type {HTMLElement} */ (row).setAttribute("aria-selected", String(n === at)));
    input.setAttribute("aria-activedescendant", `place-${at}`);
    list.children[at]?.scrollIntoView({ block: "nearest" });
  }

  /** @param {number} n */
  async function choose(n) {
    const place = found[n];
    if (!place) return;
    close();
    input.value = "";
    status.textContent = "";
    await onChoose(place.nis);
  }

  async function look() {
    const words = input.value.trim();
    if (words.length < 2) return close();
    const mine = ++asked;
    try {
      const answer = await get(`/api/places?q=${encodeURIComponent(words.slice(0, 40))}`);
      if (mine !== asked) return;
      found = answer.slice(0, 8);
      at = -1;
      list.replaceChildren(...found.map((place, n) =>
        h("li", { role: "option", id: `place-${n}`, "aria-selected": "false", onpointerdown: (/** @type {Event} */ event) => { event.preventDefault(); choose(n); } },
          h("strong", {}, place.name), " ", h("span", { class: "soft" }, place.detail))));
      list.hidden = !found.length;
      input.setAttribute("aria-expanded", String(found.length > 0));
      input.removeAttribute("aria-activedescendant");
      status.textContent = found.length ? `${found.length} ${found.length === 1 ? "plaats" : "plaatsen"} gevonden` : "Geen plaats met die naam.";
    } catch (error) {
      if (error instanceof Refused || error instanceof Away) status.textContent = error.message;
      else throw error;
    }
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = window.setTimeout(look, REST);
  });
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Escape" && found.length) { event.preventDefault(); event.stopPropagation(); close(); }
    else if (event.key === "ArrowDown" && found.length) { event.preventDefault(); point(at + 1); }
    else if (event.key === "ArrowUp" && found.length) { event.preventDefault(); point(at < 0 ? found.length - 1 : at - 1); }
    else if (event.key === "Enter") { event.preventDefault(); if (found.length) choose(at < 0 ? 0 : at); }
  });

  return { clear() { input.value = ""; status.textContent = ""; close(); } };
}
