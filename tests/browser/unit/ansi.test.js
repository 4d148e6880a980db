import assert from "node:assert/strict";
import test from "node:test";
import { indexed, lastWriting, look, parse, plain, START } from "../../../crates/console/web/log/ansi.js";

const shown = (line) => parse(line).pieces.map(({ text, style }) => [look(style).className, text]);

test("the 16 colours and attributes become classes", () => {
  assert.deepEqual(shown("a\x1b[1;31mred\x1b[0mb\x1b[94;4mlink\x1b[39m\x1b[24mc"), [["", "a"], ["b f1", "red"], ["", "b"], ["u f12", "link"], ["", "c"]]);
  assert.deepEqual(shown("\x1b[7mturned"), [["g7", "turned"]]);
});

test("256 colours and true colours keep their value, in every spelling", () => {
  for (const spelling of ["38;2;255;128;0", "38:2:255:128:0", "38:2::255:128:0"]) {
    const [{ style, text }] = parse(`\x1b[${spelling}mx`).pieces;
    assert.deepEqual([style.fg, text], ["#ff8000", "x"], spelling);
  }
  assert.equal(indexed(196), "#ff0000");
  assert.equal(indexed(244), "#808080");
  assert.equal(indexed(9), 9);
  assert.equal(indexed(300), null);
  assert.equal(parse("\x1b[38;5;300mx").pieces[0].style.fg, null);
});

test("colours run on into the next line, until they are reset", () => {
  const { state } = parse("\x1b[33mbegin", START);
  assert.equal(look(parse("goes on", state).pieces[0].style).className, "f3");
  assert.equal(look(parse("x\x1b[0m", state).state.style).className, "");
});

test("only links to the web are links", () => {
  const link = (target) => parse(`\x1b]8;;${target}\x1b\\text\x1b]8;;\x07`).pieces[0].href;
  assert.equal(link("https://example.org/a"), "https://example.org/a");
  assert.equal(link("javascript:alert(1)"), null);
  assert.equal(link("file:///etc/passwd"), null);
});

test("cursor movement, titles, bells and broken sequences leave only text", () => {
  assert.equal(plain("\x1b]0;title\x07a\x1b[2K\x1b[1Gb\x07\x1b(Bc\x1b=d"), "abcd");
  for (const broken of ["\x1b", "\x1b[", "\x1b[38;2;1", "\x1b]8;;http://x", "\x1b[999999m"]) assert.equal(plain(broken), "", JSON.stringify(broken));
});

test("a progress bar shows its last writing", () => {
  assert.equal(lastWriting("10%\r50%\r100%\r"), "100%");
  assert.equal(plain("\x1b[32m10%\r100%\x1b[0m"), "100%");
  assert.equal(look(parse("\x1b[32m10%\r100%").pieces[0].style).className, "f2");
});
