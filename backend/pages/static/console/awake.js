// @ts-check
/** Who is at work stays signed in, and is asked before a quiet session ends: nobody may leave the line without knowing it (SEC-9, A11Y-7). */
import { get } from "./api.js";
import { announce, byId } from "./dom.js";

const TELL = 60_000; // ms: the server hears of our doing at most once a minute
const BEFORE = 120_000; // ms before the end that we ask

/** @param {number} minutes that the server allows without a deed */
export function stayAwake(minutes) {
  const bar = byId("quiet");
  let told = Date.now();
  let deed = Date.now();

  function tell() {
    told = Date.now();
    get("/api/queue").catch(() => { told = 0; });
  }
  function act() {
    deed = Date.now();
    bar.hidden = true;
    if (deed - told > TELL) tell();
  }
  for (const kind of ["pointerdown", "keydown"]) document.addEventListener(kind, act, { passive: true });
  setInterval(() => {
    const quiet = Date.now() - deed > minutes * 60_000 - BEFORE;
    if (quiet && bar.hidden) announce("Je wordt over twee minuten afgemeld. Druk op een toets om te blijven.");
    bar.hidden = !quiet;
  }, 5_000);
}
