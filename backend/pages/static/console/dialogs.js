// @ts-check
/** Questions before something that cannot be undone. The browser's own <dialog>: focus stays inside, Escape means no. */
import { byId } from "./dom.js";

/**
 * Show a dialog of the page and wait for its answer.
 * @param {string} id
 * @param {(dialog: HTMLDialogElement) => void} [prepare]
 * @returns {Promise<FormData|null>} what was filled in, or null
 */
export function ask(id, prepare) {
  /** @type {HTMLDialogElement} */
  const dialog = byId(id);
  const form = dialog.querySelector("form");
  form?.reset();
  dialog.returnValue = "";
  prepare?.(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes" && form ? new FormData(form) : null), { once: true });
  });
}
