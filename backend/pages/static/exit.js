// @ts-check
/**
 * Leave this page at once. Without this script every [data-exit] is a link to /weg; with it the page is blank in the next frame,
 * the server is told, nothing stays in the tab and the history entry of the talk is replaced. Loaded on its own, before the chat,
 * so that leaving works when the rest does not.
 * After alphagov/govuk-frontend, `exit-this-page.mjs`, but Back never returns here.
 */
import { forget, kept } from "./keep.js";

const OWN_WAY_OUT = "/weg";
/** How long our own server may take before we go straight to the neutral site (EXIT-7: 300 ms in all). */
const PATIENCE = 250;
const SHIFT_WINDOW = 5000;
const SHIFT_PRESSES = 3;

/** What the chat tells us: the token it holds, and what must stop before we go. */
export const leaving = {
  /** @type {string | null} */ token: null,
  /** @type {Array<() => void>} */ before: [],
};

const page = document.body;
let gone = false;

/** Take everything a person could read off the screen, now. */
export function blank() {
  document.documentElement.classList.add("gone");
  const veil = document.createElement("p");
  veil.setAttribute("role", "alert");
  veil.className = "unseen";
  page.replaceChildren(veil);
  veil.textContent = page.dataset.exitGoing ?? "";
}

export function leave() {
  if (gone) return;
  gone = true;
  const field = /** @type {HTMLInputElement | null} */ (document.querySelector("input[name=token]"));
  const token = leaving.token ?? field?.value ?? kept();
  leaving.token = null;
  blank();
  for (const stop of leaving.before) stop();
  if (token) tell(token);
  forget();
  depart(page.dataset.neutral || OWN_WAY_OUT);
}

/** @param {string} token */
function tell(token) {
  const body = JSON.stringify({ token, how: "exit" });
  const sent = navigator.sendBeacon?.("/chat/leave", new Blob([body], { type: "application/json" }));
  if (sent) return;
  const headers = { "Content-Type": "application/json" };
  fetch("/chat/leave", { method: "POST", headers, body, keepalive: true }).catch(() => {});
}

/**
 * Our own /weg first (it clears the browser's data for this site), the neutral site when our server does not answer in time.
 * Asking before going: a refused connection would otherwise leave the browser's error page with our address.
 * @param {string} neutral
 */
function depart(neutral) {
  let chosen = false;
  const go = (/** @type {string} */ url) => {
    if (chosen) return;
    chosen = true;
    location.replace(url);
  };
  setTimeout(go, PATIENCE, neutral);
  setTimeout(() => location.replace(neutral), 2000);
  fetch(OWN_WAY_OUT, { method: "HEAD", redirect: "manual", cache: "no-store" }).then(
    () => go(OWN_WAY_OUT),
    () => go(neutral),
  );
}

document.addEventListener("click", (event) => {
  if (!(event.target instanceof Element) || !event.target.closest("[data-exit]")) return;
  event.preventDefault();
  leave();
});

// Shift three times, each within five seconds of the last. Shift together with anything else does not count.
let presses = 0;
let alone = false;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/** @param {number} count */
function show(count) {
  const before = presses;
  presses = count;
  clearTimeout(timer);
  for (const dots of document.querySelectorAll(".dots")) {
    [...dots.children].forEach((dot, i) => dot.classList.toggle("on", i < count));
    dots.classList.toggle("counting", count > 0);
  }
  const words = ["exitCancelled", "exitTwoMore", "exitOneMore"][count];
  const status = document.getElementById("status");
  if (status && (count > 0 || before > 0)) status.textContent = page.dataset[words] ?? "";
  if (count > 0) timer = setTimeout(show, SHIFT_WINDOW, 0);
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Shift") {
    if (!event.repeat) alone = true;
    return;
  }
  alone = false;
  if (presses > 0) show(0);
});
document.addEventListener("pointerdown", () => { alone = false; });
document.addEventListener("keyup", (event) => {
  if (event.key !== "Shift" || !alone) return;
  alone = false;
  if (presses + 1 >= SHIFT_PRESSES) leave();
  else show(presses + 1);
});

// A page that the browser kept alive never comes back as it was: after leaving it goes on to the neutral site, else it starts as new.
window.addEventListener("pageshow", (event) => {
  if (!event.persisted || (!gone && !leaving.token)) return;
  const neutral = page.dataset.neutral || OWN_WAY_OUT;
  blank();
  if (gone) location.replace(neutral);
  else location.reload();
});
