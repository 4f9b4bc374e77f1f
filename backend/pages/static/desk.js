// @ts-check
/** The live part of the supervisor's page: fetched again every 5 s, never in a hidden tab, and it never moves the focus. */

const EVERY = 5_000;
const title = document.title;
/** @type {number|undefined} */
let timer;
let asking = false;

/** The answer as a document. XMLHttpRequest parses it itself: no script in it runs, and no Trusted Types sink is used. */
function fetchPart() {
  return new Promise((/** @type {(part: Element|null) => void} */ done) => {
    const request = new XMLHttpRequest();
    request.open("GET", "/cijfers/nu");
    request.responseType = "document";
    request.timeout = EVERY * 2;
    request.onload = () => done(request.status === 200 ? (request.responseXML?.getElementById("now") ?? null) : null);
    request.onerror = request.ontimeout = () => done(null);
    request.send();
  });
}

/** @param {Element} part */
function show(part) {
  const old = document.getElementById("now");
  if (!(old instanceof HTMLElement) || !(part instanceof HTMLElement)) return;
  const before = Number(old.dataset.acute), acute = Number(part.dataset.acute);
  old.replaceWith(document.importNode(part, true));
  document.title = acute ? `(${acute} acuut) ${title}` : title;
  const said = document.getElementById("now-said");
  if (said && acute !== before) said.textContent = part.dataset.said ?? "";
}

async function refresh() {
  window.clearTimeout(timer);
  if (document.hidden || asking) return;
  asking = true;
  const part = await fetchPart();
  asking = false;
  const away = document.getElementById("now-away");
  if (away) away.hidden = part !== null;
  if (part) show(part);
  if (!document.hidden) timer = window.setTimeout(refresh, EVERY);
}

document.addEventListener("visibilitychange", refresh);
timer = window.setTimeout(refresh, EVERY);
