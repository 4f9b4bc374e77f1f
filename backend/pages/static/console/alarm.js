// @ts-check
/**
 * Somebody is in danger and nobody has them: a bar, a repeating soft sound, the title of the tab.
 * It follows from the queue, so it cannot be missed by a lost frame and stops as soon as anybody takes the contact.
 */
import { announce, byId, fill, h, secondsSince, ticking } from "./dom.js";
import { facts, reasonOf } from "./queue.js";

/** @typedef {import("./types.js").Item} Item */
/** @typedef {import("./types.js").Queue} Queue */

const EVERY = 5000; // ms between two sounds
const ALL_HANDS = 30; // s after which people who are not available hear it too (HLP-4)
const TITLE = document.title;
const calm = matchMedia("(prefers-reduced-motion: reduce)");

/** @type {AudioContext|null} */
let audio = null;
let wanted = localStorage.getItem("geluid") === "aan";

/** Soft tones one after the other. @param {number[]} tones in hertz @param {number} loud 0 to 1 */
function play(tones, loud) {
  if (!audio || audio.state !== "running") return;
  tones.forEach((tone, at) => {
    const context = /** @type {AudioContext} */ (audio);
    const start = context.currentTime + at * 0.22;
    const voice = context.createOscillator();
    const volume = context.createGain();
    voice.type = "sine";
    voice.frequency.value = tone;
    volume.gain.setValueAtTime(0.0001, start);
    volume.gain.exponentialRampToValueAtTime(loud, start + 0.03);
    volume.gain.exponentialRampToValueAtTime(0.0001, start + 0.42);
    voice.connect(volume).connect(context.destination);
    voice.start(start);
    voice.stop(start + 0.45);
  });
}
const ring = () => play([880, 698.5], 0.22);
/** One soft tone: a message for me while I look at something else. */
export const tap = () => wanted && play([587.3], 0.07);

async function wake() {
  audio ??= new AudioContext();
  if (audio.state !== "running") await audio.resume();
}

/** @param {{onTake: (id: string) => void, onOpen: (id: string) => void}} options */
export function createAlarm({ onTake, onOpen }) {
  const bar = byId("alarm");
  const sound = byId("sound");
  /** @type {Item[]} */
  let danger = [];
  let available = true;
  let flash = false;
  /** @type {Set<string>} */
  const muted = new Set();
  /** @type {Set<string>} */
  const said = new Set();

  function drawSound() {
    sound.setAttribute("aria-pressed", String(wanted));
    byId("sound-off").hidden = wanted;
  }

  /** @param {boolean} on */
  async function setSound(on) {
    wanted = on;
    localStorage.setItem("geluid", on ? "aan" : "uit");
    drawSound();
    if (on) {
      await wake();
      ring(); // so that one knows how it sounds, and that it does
    }
  }
  sound.addEventListener("click", () => setSound(!wanted));
  byId("sound-on").addEventListener("click", () => {
    setSound(true);
    sound.focus();
  });
  // A browser lets a page make sound only after a touch or a key: take the first one.
  for (const gesture of ["pointerdown", "keydown"]) addEventListener(gesture, () => wanted && wake(), { passive: true });
  drawSound();

  const audible = () => danger.filter((item) => !muted.has(item.id) && (available || secondsSince(item.since) > ALL_HANDS));

  setInterval(() => wanted && audible().length && ring(), EVERY);
  setInterval(() => {
    flash = !flash || calm.matches;
    const title = danger.length && flash ? `● ACUUT · ${TITLE}` : TITLE;
    if (document.title !== title) document.title = title;
  }, 1000);

  function draw() {
    const first = danger[0];
    bar.hidden = !first;
    if (!first) return;
    const more = danger.length - 1;
    fill(bar, [first.id, first.since, reasonOf(first), facts(first), more, muted.has(first.id)], () => [
      h("span", { class: "alarm-word" }, "Acuut"),
      h("span", { class: "alarm-text" },
        h("strong", {}, reasonOf(first)), " ",
        h("span", { class: "alarm-facts" }, facts(first), " · niemand heeft dit gesprek · "), ticking(first.since),
        more ? h("span", {}, more === 1 ? " · en nog 1 acuut contact" : ` · en nog ${more} acute contacten`) : null),
      h("span", { class: "alarm-do" },
        h("button", { type: "button", class: "button alarm-take", "data-focus": "take", onclick: () => onTake(first.id) }, "Neem op"),
        h("button", { type: "button", class: "button alarm-quiet", "data-focus": "open", onclick: () => onOpen(first.id) }, "Lees eerst"),
        h("button", {
          type: "button", class: "button alarm-quiet", "data-focus": "mute", "aria-pressed": String(muted.has(first.id)),
          onclick: () => { if (!muted.delete(first.id)) muted.add(first.id); draw(); },
        }, h("span", {}, "Stil", h("span", { class: "wide-only" }, " voor dit contact")))),
    ]);
  }

  /** @param {Queue} queue */
  function update(queue) {
    available = queue.available;
    danger = [...queue.waiting, ...queue.with_bot].filter((item) => item.level === "acute" && !item.operator);
    for (const item of danger) if (!said.has(item.id)) alarm(item);
    for (const id of said) if (!danger.some((item) => item.id === id)) said.delete(id);
    draw();
  }

  /** A frame `alarm`, which may run ahead of the queue. @param {Item} item */
  function alarm(item) {
    if (!danger.some((other) => other.id === item.id)) danger.push(item);
    if (!said.has(item.id)) {
      said.add(item.id);
      announce(`Acuut contact: ${reasonOf(item)}. ${facts(item)}. Niemand heeft dit gesprek.`, "assertive");
      if (wanted && audible().some((other) => other.id === item.id)) ring();
    }
    draw();
  }

  return { update, alarm, first: () => danger[0]?.id ?? null };
}
