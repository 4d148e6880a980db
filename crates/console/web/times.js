// Keeps relative times true. The words are those of src/moment.rs.

export function ago(at, now) {
  const seconds = Math.floor(now / 1000) - Math.floor(at / 1000);
  const size = Math.abs(seconds);
  if (size < 5) return "just now";
  let words;
  if (size < 60) words = `${size}s`;
  else if (size < 3600) words = `${Math.floor(size / 60)}m`;
  else if (size < 86400) words = `${Math.floor(size / 3600)}h`;
  else if (size < 2592000) words = `${Math.floor(size / 86400)}d`;
  else return null;
  return seconds < 0 ? `in ${words}` : `${words} ago`;
}

export function took(ms) {
  const seconds = Math.floor(Math.max(ms, 0) / 1000);
  const two = (number) => String(number).padStart(2, "0");
  if (seconds < 10) return `${seconds}.${Math.floor(Math.max(ms, 0) / 100) % 10}s`;
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${two(seconds % 60)}s`;
  return `${Math.floor(seconds / 3600)}h ${two(Math.floor(seconds / 60) % 60)}m`;
}

// The server's clock may differ from this one: relative times are counted from the server's.
let offset = 0;
export function setServerTime(dateHeader) {
  const server = Date.parse(dateHeader ?? "");
  if (Number.isFinite(server) && Math.abs(server - Date.now()) > 2000) offset = server - Date.now();
}
export const serverNow = () => Date.now() + offset;

function write(node, text) {
  if (text !== null && node.textContent !== text) node.textContent = text;
}

export function refresh(root = document) {
  const now = serverNow();
  for (const node of root.querySelectorAll("time[data-ago]")) {
    const at = Date.parse(node.dateTime);
    write(node, ago(at, now));
    if (!node.dataset.local) {
      node.dataset.local = "1";
      node.title = `${new Date(at).toLocaleString()} (${node.title})`;
    }
  }
  for (const node of root.querySelectorAll("[data-since]")) {
    const ms = now - Date.parse(node.dataset.since);
    write(node, took(ms < 10000 ? Math.floor(ms / 1000) * 1000 : ms).replace(/\.0s$/, "s"));
  }
}

export function start() {
  refresh();
  setInterval(() => {
    if (!document.hidden) refresh();
  }, 1000);
  document.addEventListener("visibilitychange", () => refresh());
}
