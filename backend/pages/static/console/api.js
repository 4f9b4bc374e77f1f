// @ts-check
/** Calls to our own server. A refusal carries the server's own sentence; a lost session leads to the sign-in page. */
import { learnClock } from "./dom.js";

export class Refused extends Error {
  /** @param {number} status @param {string} code @param {string} message */
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** The server could not be reached, or not now: the same call may be made again. */
export class Away extends Error {}

export function toSignIn() {
  location.assign("/aanmelden");
}

/**
 * @param {string} path
 * @param {object} [body] makes it a POST
 * @returns {Promise<any>}
 */
async function call(path, body) {
  let response;
  try {
    response = await fetch(path, {
      method: body ? "POST" : "GET",
      headers: body ? { "Content-Type": "application/json", Accept: "application/json" } : { Accept: "application/json" },
      body: body ? JSON.stringify(body) : undefined,
      credentials: "same-origin",
      cache: "no-store",
    });
  } catch {
    throw new Away("De server antwoordt niet. Probeer het zo nog eens.");
  }
  learnClock(response);
  if (response.status === 401) {
    toSignIn();
    throw new Away("Je bent afgemeld.");
  }
  const data = await response.json().catch(() => null);
  if (response.ok) return data;
  if (response.status === 429 || response.status >= 500) throw new Away(data?.message ?? "Dat lukt nu niet. Probeer het zo nog eens.");
  throw new Refused(response.status, data?.code ?? "", data?.message ?? "Dat kan niet.");
}

/** @param {string} path */
export const get = (path) => call(path);
/** @param {string} path @param {object} [body] */
export const post = (path, body = {}) => call(path, body);
/** @param {string} id @param {string} what */
export const talkPath = (id, what = "") => `/api/conversations/${encodeURIComponent(id)}${what && `/${what}`}`;
