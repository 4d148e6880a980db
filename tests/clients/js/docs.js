// The pages that outside clients are written after, block by block, in their order, as a reader types them.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { directly, python } from "../support/python.js";
import { good } from "../support/world.js";
import { makeProject } from "./project.js";

const DOCS = path.resolve(import.meta.dirname, "../../../docs");
const HERE = path.resolve(import.meta.dirname, "..");
const MINUTE = 60_000;

/**
 * How each language is run: a shell's block as its argument, a program on standard input. What a shell sets is there for the
 * shells after it, as it is the reader's one shell; what it exports, for programs too.
 */
const INTERPRETERS = {
  bash: (text) => ["bash", "-euo", "pipefail", "-c", '. "$CLIENTS_SHELL"; eval "$1"; declare -p | grep "^declare --" > "$CLIENTS_SHELL"; env -0 > "$CLIENTS_ENV"', "reader", text],
  js: (text) => [process.execPath, "--no-warnings", ...asOnNode20(text), "--input-type=module", "-"],
  python: () => [python, "-"],
};

const NODE_HAS_WEBSOCKET = Number(process.versions.node.split(".")[0]) >= 22;

/** What runs a block on Node 20 as its readers there are told to; the block that shows them how runs as it stands, on any. */
function asOnNode20(text) {
  return NODE_HAS_WEBSOCKET || text.includes("transport:") ? [] : ["--import", "./support/websocket.js"];
}

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
  const [command, ...args] = INTERPRETERS[language](text);
  const child = spawn(command, args, { cwd: HERE, env, stdio: ["pipe", "pipe", "pipe"], timeout: MINUTE });
  let said = "";
  let complaint = "";
  child.stdout.setEncoding("utf8").on("data", (more) => (said += more));
  child.stderr.setEncoding("utf8").on("data", (more) => (complaint += more));
  // A block that fails at once does not read its program to the end; its exit says more.
  child.stdin.on("error", () => {}).end(language === "bash" ? "" : text);
  return new Promise((resolve, reject) => child.once("error", reject).once("close", (code) => resolve({ code, said, complaint })));
}

/** A project with a build and a line in its log: what docs/clients.md supposes. */
async function projectWithBuild(world) {
  const project = await makeProject(world, "Docs");
  const service = (await world.as("service")).schema("ops");
  const build = good(await service.from("builds").insert({ org_id: project.org_id, project_id: project.id, branch_id: project.branches.main.id, commit_message: "Round totals (per line)" }).select("id").single());
  good(await service.rpc("append_build_event", { p_build_id: build.id, p_phase: "build", p_level: "info", p_message: "compiling shop" }));
  good(await service.rpc("set_build_status", { p_build_id: build.id, p_status: "cancelled" }));
  return project;
}

/** The pages: who reads each, and the project they read it with. */
const PAGES = [
  ["clients.md", "developer", projectWithBuild],
  ["people.md", "owner", (world) => makeProject(world, "Team")],
  ["advisories.md", "developer", (world) => makeProject(world, "Idle")],
];

async function readPage([page, reader, make], { server, world, part }) {
  const folder = mkdtempSync(path.join(tmpdir(), "plimsoll-docs-"));
  try {
    // What every page supposes: an account in an organisation, one of its projects, and `plimsoll` on the path.
    const project = await make(world);
    const [variables, shell] = [path.join(folder, "env"), path.join(folder, "shell")];
    writeFileSync(shell, "");
    symlinkSync(server.binary, path.join(folder, "plimsoll"));
    let env = directly({
      PATH: `${folder}:${process.env.PATH}`,
      PLIMSOLL_DATA_DIR: server.data,
      CLIENTS_ENV: variables,
      CLIENTS_SHELL: shell,
      EMAIL: world.people[reader].email,
      PASSWORD: world.people[reader].password,
      PROJECT: project.slug,
    });
    for (const name of Object.keys(server.status)) delete env[name];
    for (const block of blocks(readFileSync(path.join(DOCS, page), "utf8"))) {
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
  ...PAGES.map((page) => [`docs/${page[0]}: each block runs, and prints what the page says`, (given) => readPage(page, given)]),
  ["docs: the reader of the pages tells blocks and outputs", ({ part: _ }) => {
    const page = "a\n```bash\necho hi\n```\n\n```text\nh…\n```\n\n```js\n1;\n```\n";
    assert.deepEqual(blocks(page), [{ language: "bash", text: "echo hi\n", output: "h…\n", line: 2 }, { language: "js", text: "1;\n", line: 10 }]);
    assert.throws(() => blocks("```cobol\nx\n```\n"), /cobol/);
    assert.ok(agrees("hi\n", "h…\n") && agrees("a\nb\nc", "a\n…\nc") && !agrees("ho", "hi") && !agrees("a\nb", "a…") && !agrees("a.b", "axb"));
  }],
];
