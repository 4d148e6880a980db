// Terminal output as runs of styled text (ECMA-48 colours, xterm's 256 and 24-bit ones, OSC 8 links).

const PLAIN = Object.freeze({ bold: false, dim: false, italic: false, underline: false, strike: false, hidden: false, inverse: false, fg: null, bg: null });
// eslint-disable-next-line no-control-regex
const SEQUENCE = /\x1b(?:\[([0-?]*)[ -/]*([@-~])|\](.*?)(?:\x07|\x1b\\)|\][^\x07]*$|[PX^_].*?(?:\x1b\\|$)|\[[0-?]*[ -/]*$|[ -/]*[0-~]|$)/g;
// eslint-disable-next-line no-control-regex
const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;

export const START = Object.freeze({ style: PLAIN, href: null });

const two = (number) => number.toString(16).padStart(2, "0");

/** xterm's palette: 16 named, a cube of 6×6×6, 24 greys. A number stays one of the 16; the others become #rrggbb. */
export function indexed(n) {
  if (!(n >= 0 && n <= 255)) return null;
  if (n < 16) return n;
  if (n >= 232) return `#${two(8 + (n - 232) * 10).repeat(3)}`;
  const level = (digit) => (digit ? 55 + digit * 40 : 0);
  const cube = n - 16;
  return `#${two(level(Math.floor(cube / 36)))}${two(level(Math.floor(cube / 6) % 6))}${two(level(cube % 6))}`;
}

/** The colour after 38 or 48, and how many codes it took. */
function extended(codes, at) {
  if (codes[at] === 5) return [indexed(codes[at + 1] ?? -1), 2];
  if (codes[at] === 2) {
    const rgb = codes.slice(at + 1, at + 4);
    const good = rgb.length === 3 && rgb.every((part) => part >= 0 && part <= 255);
    return [good ? `#${rgb.map(two).join("")}` : null, 4];
  }
  return [null, 1];
}

function graphics(style, parameters) {
  const next = { ...style };
  // 38:2::r:g:b has an empty colour space: leave it out, so that both spellings read the same.
  const codes = parameters.replace(/([34]8:2):[^:;]*:(?=\d+:\d+:\d)/g, "$1:").split(/[;:]/).map((code) => Number(code || 0));
  for (let n = 0; n < codes.length; n += 1) {
    const code = codes[n];
    if (code === 0) Object.assign(next, PLAIN);
    else if (code === 1) next.bold = true;
    else if (code === 2) next.dim = true;
    else if (code === 3) next.italic = true;
    else if (code === 4) next.underline = true;
    else if (code === 7) next.inverse = true;
    else if (code === 8) next.hidden = true;
    else if (code === 9) next.strike = true;
    else if (code === 21 || code === 22) next.bold = next.dim = false;
    else if (code === 23) next.italic = false;
    else if (code === 24) next.underline = false;
    else if (code === 27) next.inverse = false;
    else if (code === 28) next.hidden = false;
    else if (code === 29) next.strike = false;
    else if (code >= 30 && code <= 37) next.fg = code - 30;
    else if (code === 39) next.fg = null;
    else if (code >= 40 && code <= 47) next.bg = code - 40;
    else if (code === 49) next.bg = null;
    else if (code >= 90 && code <= 97) next.fg = code - 82;
    else if (code >= 100 && code <= 107) next.bg = code - 92;
    else if (code === 38 || code === 48) {
      const [colour, taken] = extended(codes, n + 1);
      next[code === 38 ? "fg" : "bg"] = colour;
      n += taken;
    }
  }
  return next;
}

/** Only links that a person may follow from a log. */
function link(command) {
  const target = /^8;[^;]*;(.*)$/s.exec(command)?.[1];
  if (target === undefined) return undefined;
  return /^https?:\/\//i.test(target) ? target : null;
}

/** What a terminal would still show of a line that rewrote itself with carriage returns. */
export function lastWriting(text) {
  if (!text.includes("\r")) return text;
  const parts = text.replace(/\r+$/, "").split("\r");
  return parts[parts.length - 1];
}

/** Splits a line into `{text, style, href}` and answers the state that the next line of the same stream starts with. */
export function parse(line, state = START) {
  let { style, href } = state;
  const pieces = [];
  const add = (raw) => {
    const text = raw.replace(CONTROLS, "");
    if (text) pieces.push({ text, style, href });
  };
  if (!line.includes("\x1b")) {
    add(lastWriting(line));
    return { pieces, state };
  }
  const text = lastWriting(line);
  // Colours set in a part that was overwritten still hold.
  const before = line.slice(0, line.lastIndexOf(text));
  const apply = (match) => {
    if (match[2] === "m") style = graphics(style, match[1]);
    else if (match[3] !== undefined) {
      const target = link(match[3]);
      if (target !== undefined) href = target;
    }
  };
  for (const match of before.matchAll(SEQUENCE)) apply(match);
  let at = 0;
  for (const match of text.matchAll(SEQUENCE)) {
    add(text.slice(at, match.index));
    apply(match);
    at = match.index + match[0].length;
  }
  add(text.slice(at));
  return { pieces, state: { style, href } };
}

/** The text alone. */
export function plain(line) {
  return parse(line).pieces.map(({ text }) => text).join("");
}

/** Classes of build.css, and colours of the program's own choice that need the CSSOM. */
export function look(style) {
  const classes = [];
  const { fg, bg } = style.inverse ? { fg: style.bg ?? "invert", bg: style.fg ?? 7 } : style;
  if (style.bold) classes.push("b");
  if (style.dim) classes.push("d");
  if (style.italic) classes.push("it");
  if (style.underline) classes.push("u");
  if (style.strike) classes.push("st");
  if (style.hidden) classes.push("cc");
  const ink = typeof fg === "string" && fg !== "invert" ? fg : null;
  const paper = typeof bg === "string" ? bg : null;
  if (typeof fg === "number") classes.push(`f${fg}`);
  if (typeof bg === "number") classes.push(`g${bg}`);
  if (ink) classes.push("ft");
  if (paper) classes.push("gt");
  return { className: classes.join(" "), ink, paper };
}
