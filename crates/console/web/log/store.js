// The lines of one build, in pages: fetched when looked at, added to by the live stream, forgotten when there are many.

import { parse, START } from "./ansi.js";

export const PAGE = 500;
const MOST_PAGES = 120;
const STDERR = 1 << 5;
const CONTINUES = 1 << 6;
export const ESCAPED = 1 << 7;
export const PHASES = ["checkout", "build", "test", "package", "deploy", "promote", "system", "system"];
export const LEVELS = ["debug", "info", "warn", "error"];

export class LogStore {
  #pages = new Map();
  #wanted = new Set();
  #fetching = new Map();
  #failures = 0;

  /** `fetchLines(from, limit)` answers `{first_line, total, ts, kind, text}`; `changed()` is called when lines arrive. */
  constructor({ total, fetchLines, changed }) {
    this.total = total;
    this.fetchLines = fetchLines;
    this.changed = changed;
  }

  /** `{ts, kind, text}`, or undefined while it is not here; looking asks for it. */
  get(line) {
    const page = this.#pages.get(Math.floor((line - 1) / PAGE));
    const at = (line - 1) % PAGE;
    if (page?.text[at] === undefined) {
      this.#want(Math.floor((line - 1) / PAGE));
      return undefined;
    }
    page.used = performance.now();
    return { ts: page.ts[at], kind: page.kind[at], text: page.text[at] };
  }

  /** The line as styled pieces. Colours run on from line to line of a page, standard output and error apart. */
  pieces(line) {
    const number = Math.floor((line - 1) / PAGE);
    const page = this.#pages.get(number);
    const at = (line - 1) % PAGE;
    if (page?.text[at] === undefined) return undefined;
    page.states ??= [{ out: START, err: START }];
    for (let n = page.states.length; n <= at; n += 1) {
      const { out, err } = page.states[n - 1];
      const text = page.text[n - 1];
      if (text === undefined || !text.includes("\x1b")) page.states.push({ out, err });
      else if (page.kind[n - 1] & STDERR) page.states.push({ out, err: parse(text, err).state });
      else page.states.push({ out: parse(text, out).state, err });
    }
    const { out, err } = page.states[at];
    return parse(page.text[at], page.kind[at] & STDERR ? err : out).pieces;
  }

  continues(line) {
    const page = this.#pages.get(Math.floor((line - 1) / PAGE));
    return Boolean(page && page.kind[(line - 1) % PAGE] & CONTINUES);
  }

  /** Takes lines in; repeated ones change nothing. */
  put({ first_line: first, ts, kind, text }) {
    for (let n = 0; n < text.length; n += 1) {
      const line = first + n;
      const number = Math.floor((line - 1) / PAGE);
      let page = this.#pages.get(number);
      if (!page) this.#pages.set(number, (page = { ts: [], kind: [], text: [], used: performance.now() }));
      const at = (line - 1) % PAGE;
      if (page.text[at] !== undefined) continue;
      page.ts[at] = ts[n];
      page.kind[at] = kind[n];
      page.text[at] = text[n];
      if (page.states && page.states.length > at) page.states.length = at || 1;
    }
    this.total = Math.max(this.total, first + text.length - 1);
    this.#forget();
  }

  #want(number) {
    if (this.#fetching.has(number)) return;
    this.#wanted.add(number);
    if (this.#wanted.size === 1) queueMicrotask(() => this.#fetchWanted());
  }

  #fetchWanted() {
    // The last asked for is what is looked at now.
    for (const number of [...this.#wanted].reverse().slice(0, 4)) this.load(number);
    this.#wanted.clear();
  }

  /** Loads a page; resolves when it is here. */
  load(number) {
    let under = this.#fetching.get(number);
    if (under) return under;
    under = this.fetchLines(number * PAGE + 1, PAGE)
      .then((answer) => {
        this.#failures = 0;
        this.put(answer);
        this.total = Math.max(this.total, answer.total ?? 0);
      })
      .catch(async () => {
        this.#failures += 1;
        await new Promise((resolve) => setTimeout(resolve, Math.min(500 * 2 ** this.#failures, 10000)));
      })
      .finally(() => {
        this.#fetching.delete(number);
        this.changed();
      });
    this.#fetching.set(number, under);
    return under;
  }

  /** All lines of a range, fetched where they are not here. */
  async range(from, to) {
    const out = [];
    for (let line = from; line <= to; line += 1) {
      if (!this.get(line)) await this.load(Math.floor((line - 1) / PAGE));
      const found = this.get(line);
      if (!found) throw new Error("The lines could not be loaded. Try again.");
      out.push(found);
    }
    return out;
  }

  #forget() {
    if (this.#pages.size <= MOST_PAGES) return;
    const old = [...this.#pages].sort((a, b) => a[1].used - b[1].used).slice(0, this.#pages.size - MOST_PAGES + 20);
    for (const [number] of old) this.#pages.delete(number);
  }
}
