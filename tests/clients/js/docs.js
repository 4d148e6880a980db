// docs/clients.md, block by block, in its order, as a reader types it.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { directly, python } from "../support/python.js";
import { good } from "../support/world.js";
import { makeProject } from "./project.js";

const PAGE = path.resolve(import.meta.dirname, "../../../docs/clients.md");
const HERE = path.resolve(import.meta.dirname, "..");
const MINUTE = 60_000;

/** How each language is run, its program on standard input. What a shell exports is there for the blocks after it. */
const INTERPRETERS = {
  bash: ["bash", "-euo", "pipefail", "-c", 'program=$(cat); eval "$program"; env -0 > "$CLIENTS_ENV"'],
  js: [process.execPath, "--no-warnings", "--import", "./support/websocket.js", "--input-type=module", "-"],
  python: [python, "-"],
};

/** The page's blocks: `{language, line, text, output}`; a `text` block right after one is what it prints. */
export function blocks(markdown) {
  const found = [];
  const fence = /^```(\w+)\n([\s\S]*?)^```$/gm;
  for (const { 1: language, 2: text, index } of markdown.matchAll(fence)) {
    if (language === "text") {
      const last = found.at(-1);
      assert.ok(last && last.output === undefined, "output belongs to the block before it");
      last.output = text;
    } else {
      assert.ok(language in INTERPRETERS, `a block of ${language} that no test runs`);
      found.push({ language, text, line: markdown.slice(0, index).split("\n").length });
    }
  }
  return found;
}

/** Whether `said` is `wanted`, where … stands for anything within a line, and a line of … alone for any lines. */
export function agrees(said, wanted) {
  const escape = (text) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const lines = wanted.trimEnd().split("\n").map((line) => (line.trim() === "…" ? "[\\s\\S]*?" : line.split("…").map(escape).join(".*")));
  return new RegExp(`^${lines.join("\n")}$`).test(said.trimEnd());
}

function run({ language, text }, env) {
  const [command, ...args] = INTERPRETERS[language];
  const child = spawn(command, args, { cwd: HERE, env, stdio: ["pipe", "pipe", "pipe"], timeout: MINUTE });
  let said = "";
  let complaint = "";
  child.stdout.setEncoding("utf8").on("data", (more) => (said += more));
  child.stderr.setEncoding("utf8").on("data", (more) => (complaint += more));
  // A block that fails at once does not read its program to the end; its exit says more.
  child.stdin.on("error", () => {}).end(text);
  return new Promise((resolve, reject) => child.once("error", reject).once("close", (code) => resolve({ code, said, complaint })));
}

async function readPage({ server, world, part }) {
  const folder = mkdtempSync(path.join(tmpdir(), "plimsoll-docs-"));
  try {
    // What the page supposes: a project with a build and a line in its log, an account in its org, `plimsoll` on the path.
    const project = await makeProject(world, "Docs");
    const service = (await world.as("service")).schema("ops");
    const build = good(await service.from("builds").insert({ org_id: project.org_id, project_id: project.id, branch_id: project.branches.main.id, commit_message: "Round totals per line" }).select("id").single());
    good(await service.rpc("append_build_event", { p_build_id: build.id, p_phase: "build", p_level: "info", p_message: "compiling shop" }));
    good(await service.rpc("set_build_status", { p_build_id: build.id, p_status: "cancelled" }));
    const variables = path.join(folder, "env");
    symlinkSync(server.binary, path.join(folder, "plimsoll"));
    let env = directly({
      PATH: `${folder}:${process.env.PATH}`,
      PLIMSOLL_DATA_DIR: server.data,
      CLIENTS_ENV: variables,
      EMAIL: world.people.developer.email,
      PASSWORD: world.people.developer.password,
      PROJECT: project.slug,
    });
    for (const name of ["API_URL", "PUBLISHABLE_KEY", "ANON_KEY", "SECRET_KEY", "SERVICE_ROLE_KEY"]) delete env[name];
    for (const block of blocks(readFileSync(PAGE, "utf8"))) {
      await part(`line ${block.line}, ${block.language}`, async () => {
        const { code, said, complaint } = await run(block, env);
        assert.equal(code, 0, `${block.text}\nsaid: ${said}\n${complaint}`);
        if (block.output !== undefined) assert.ok(agrees(said, block.output), `it said:\n${said}\nthe page says:\n${block.output}`);
        if (block.language === "bash") env = Object.fromEntries(readFileSync(variables, "utf8").split("\0").filter(Boolean).map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]));
      });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export const scenarios = [
  ["docs/clients.md: each block runs, and prints what the page says", readPage],
  ["docs/clients.md: the reader of the page tells blocks and outputs", ({ part: _ }) => {
    const page = "a\n```bash\necho hi\n```\n\n```text\nh…\n```\n\n```js\n1;\n```\n";
    assert.deepEqual(blocks(page), [{ language: "bash", text: "echo hi\n", output: "h…\n", line: 2 }, { language: "js", text: "1;\n", line: 10 }]);
    assert.throws(() => blocks("```cobol\nx\n```\n"), /cobol/);
    assert.ok(agrees("hi\n", "h…\n") && agrees("a\nb\nc", "a\n…\nc") && !agrees("ho", "hi") && !agrees("a\nb", "a…") && !agrees("a.b", "axb"));
  }],
];
