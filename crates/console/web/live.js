// Keeps what the page shows current: when the server says that something changed, the page is fetched again and its
// `data-live` regions are swapped. One rendering, the server's.

import { refresh as refreshTimes, setServerTime } from "./times.js";

const SETTLE_MS = 250;
const HIDDEN_MS = 30000;
const POLL_MS = 10000;

let timer;
let running = false;
let again = false;

/** What the pointer is pressed on: swapped away, a click or a drag that begins there would be lost. */
let pressed = null;

function watchPointer() {
  document.addEventListener("pointerdown", (event) => { pressed = event.target; }, true);
  for (const end of ["pointerup", "pointercancel", "dragend"]) document.addEventListener(end, () => { pressed = null; }, true);
}

/** Somebody typed into the form, or reads there what was wrong: neither may be swapped away. */
const inUse = (form) => form.querySelector(".form-error:not(:empty)") || [...form.elements].some((field) => field.matches("input, textarea") && (field.value !== field.defaultValue || field.checked !== field.defaultChecked));

const busy = (region) => region.querySelector("details.menu[open], .dragging, [aria-busy=true]") || region.contains(pressed) || region.contains(document.activeElement?.closest?.("input, select, textarea") ?? null);

/** Where the focus is inside a region, as a path of child numbers, so that it survives the swap. */
function pathOf(region) {
  let node = document.activeElement;
  if (!node || node === region || !region.contains(node)) return null;
  const path = [];
  while (node !== region) {
    path.unshift(Array.prototype.indexOf.call(node.parentNode.children, node));
    node = node.parentNode;
  }
  return path;
}

function swap(region, fresh) {
  if (region.isEqualNode(fresh)) return false;
  const key = document.activeElement?.closest?.("[data-live-key]")?.dataset.liveKey;
  const path = pathOf(region);
  const next = document.adoptNode(fresh);
  region.replaceWith(next);
  refreshTimes(next.parentNode ?? next);
  if (path) {
    let target = key ? next.querySelector(`[data-live-key="${CSS.escape(key)}"]`) : path.reduce((node, index) => node?.children[index], next);
    if (target && !target.matches("a, button, [tabindex]")) target = target.querySelector("a, button, [tabindex]");
    target?.focus({ preventScroll: true });
  }
  return true;
}

async function fetchRegions() {
  const url = new URL(location.href);
  url.hash = "";
  url.searchParams.set("live", "1");
  const response = await fetch(url, { headers: { accept: "text/html" }, credentials: "same-origin" });
  setServerTime(response.headers.get("date"));
  if (!response.ok || response.redirected) return;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  for (const region of document.querySelectorAll("[data-live]")) {
    if (busy(region)) {
      again = true;
      continue;
    }
    // That may last: what is sent from there refreshes the page, or the next change does.
    if ([...region.querySelectorAll("form[data-api]")].some(inUse)) continue;
    const fresh = page.querySelector(`[data-live="${CSS.escape(region.dataset.live)}"]`);
    if (fresh && swap(region, fresh)) document.dispatchEvent(new CustomEvent("live:swapped", { detail: region.dataset.live }));
  }
}

/** Fetches the regions now; calls while one is under way are answered by one more. */
export async function refresh() {
  if (running) {
    again = true;
    return;
  }
  running = true;
  again = false;
  try {
    await fetchRegions();
  } catch {
    // The stream says when the server is back.
  } finally {
    running = false;
  }
  if (again) soon(1000);
}

export function soon(delay = SETTLE_MS) {
  clearTimeout(timer);
  timer = setTimeout(refresh, delay);
}

/** Opens an event stream for as long as the page is looked at; `make` is asked for the address each time. */
export function stream(make, handlers) {
  let source;
  let wait = 500;
  let retry;
  let hide;
  let done = false;
  const close = () => {
    clearTimeout(retry);
    source?.close();
    source = undefined;
  };
  const open = () => {
    close();
    if (done) return;
    source = new EventSource(make());
    source.addEventListener("open", () => {
      wait = 500;
      handlers.connected?.();
    });
    source.addEventListener("error", () => {
      handlers.disconnected?.();
      // While it is CONNECTING the browser tries by itself; a refusal (a server starting, a proxy) ends it for good.
      if (source?.readyState === EventSource.CLOSED) {
        retry = setTimeout(open, wait);
        wait = Math.min(wait * 2, 15000);
      }
    });
    for (const [name, handler] of Object.entries(handlers.events)) source.addEventListener(name, handler);
  };
  document.addEventListener("visibilitychange", () => {
    clearTimeout(hide);
    // A browser has few connections to one server: tabs in the back give theirs up.
    if (document.hidden) hide = setTimeout(close, HIDDEN_MS);
    else if (!source && !done) open();
  });
  addEventListener("pagehide", close);
  addEventListener("pageshow", (event) => event.persisted && open());
  open();
  return () => {
    done = true;
    close();
  };
}

function concerns(data) {
  const { projectId, orgId } = document.body.dataset;
  if (projectId && data.project_id) return data.project_id === projectId;
  return !orgId || !data.org_id || data.org_id === orgId;
}

export function start() {
  if (!document.querySelector("[data-live]")) return;
  watchPointer();
  let first = true;
  const onChange = (event) => {
    let data = {};
    try {
      data = JSON.parse(event.data);
    } catch {
      // A nudge without a body is one too.
    }
    if (concerns(data)) soon();
  };
  stream(() => "/api/ops/events/stream", {
    connected() {
      delete document.body.dataset.offline;
      if (!first) soon(0);
      first = false;
    },
    disconnected() {
      document.body.dataset.offline = "";
    },
    events: { build: onChange, builds: () => soon() },
  });
  // Changes that are no build's (branches read, a runner gone) have no event: look now and then.
  setInterval(() => {
    if (!document.hidden) soon(0);
  }, POLL_MS);
}
