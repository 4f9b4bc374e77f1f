// @ts-check
/**
 * What the browser keeps: one token, in this tab only, and never longer than five minutes after the page was last alive (SAF-4).
 * No words of a conversation are ever kept.
 */

const NAME = "p";
const MILLISECONDS = 5 * 60 * 1000;

/** @param {string} token */
export function keep(token) {
  try {
    sessionStorage.setItem(NAME, JSON.stringify({ token, at: Date.now() }));
  } catch {
    // Storage can be switched off: then a reload starts anew.
  }
}

/** @returns {string | null} the token of a talk that was open in this tab less than five minutes ago */
export function kept() {
  try {
    const { token, at } = JSON.parse(sessionStorage.getItem(NAME) ?? "{}");
    if (typeof token === "string" && Math.abs(Date.now() - at) < MILLISECONDS) return token;
    forget();
  } catch {
    forget();
  }
  return null;
}

export function forget() {
  try {
    sessionStorage.clear();
  } catch {
    // Nothing was kept.
  }
}
