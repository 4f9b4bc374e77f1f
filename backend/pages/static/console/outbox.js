// @ts-check
/** What I wrote goes out in order, once. The id is made here, so sending again after a lost line never doubles it. */
import { Away, Refused, post, talkPath } from "./api.js";
import { newId } from "./dom.js";

/** @typedef {import("./types.js").Talk} Talk */

/** @param {(talk: Talk) => void} onChange */
export function createOutbox(onChange) {
  /** @type {Set<Talk>} */
  const talks = new Set();
  /** @type {Set<Talk>} */
  const busy = new Set();

  /** @param {Talk} talk @param {"say"|"note"} kind @param {string} text */
  function send(talk, kind, text) {
    talk.pending.push({ id: newId(), kind, text, after: talk.conversation.head, seq: null, refused: null });
    talks.add(talk);
    onChange(talk);
    pump(talk);
  }

  /** @param {Talk} talk */
  async function pump(talk) {
    if (busy.has(talk)) return;
    busy.add(talk);
    try {
      for (;;) {
        const next = talk.pending.find((message) => message.seq === null && !message.refused);
        if (!next) break;
        try {
          next.seq = (await post(talkPath(talk.conversation.id, next.kind), { id: next.id, text: next.text })).seq;
        } catch (error) {
          if (error instanceof Refused) next.refused = error.message;
          else if (error instanceof Away) {
            setTimeout(() => pump(talk), 1000 + Math.random() * 3000);
            break;
          } else throw error;
        }
        onChange(talk);
      }
    } finally {
      busy.delete(talk);
    }
  }

  /** The line is back: try at once. */
  const again = () => talks.forEach((talk) => pump(talk));

  /** Take a refused message out. @param {Talk} talk @param {string} id */
  function takeBack(talk, id) {
    const message = talk.pending.find((one) => one.id === id);
    talk.pending = talk.pending.filter((one) => one.id !== id);
    onChange(talk);
    return message ?? null;
  }

  return { send, again, takeBack, waiting: () => [...talks].some((talk) => talk.pending.some((one) => one.seq === null)) };
}
