// Runs the code that a page shows, as it stands there, with only its placeholders filled in.

import { spawn, spawnSync } from "node:child_process";
import path from "node:path";

const HERE = path.resolve(import.meta.dirname, "..");
const env = { ...process.env, NO_PROXY: "127.0.0.1,localhost", no_proxy: "127.0.0.1,localhost" };
const python = process.env.PLIMSOLL_CLIENTS_PYTHON ?? "python3";

/** supabase-py is installed for tests/clients; where it is not, Python's snippet cannot be run. */
export const hasPython = () => spawnSync(python, ["-c", "import supabase"]).status === 0;

function run(command, args, program) {
  const child = spawn(command, args, { cwd: HERE, env, stdio: ["pipe", "pipe", "pipe"], timeout: 60_000 });
  let said = "";
  let complaint = "";
  child.stdout.setEncoding("utf8").on("data", (more) => (said += more));
  child.stderr.setEncoding("utf8").on("data", (more) => (complaint += more));
  child.stdin.on("error", () => {}).end(program);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => (code === 0 ? resolve(JSON.parse(said)) : reject(new Error(`${command} ended with ${code}: ${said}${complaint}\n${program}`))));
  });
}

const assigned = (values, keyword) => Object.entries(values).map(([name, value]) => `${keyword}${name} = ${JSON.stringify(value)};`).join("\n");

/** What each snippet ends up with: the projects that it lists. */
export const snippets = {
  // supabase-js wants a WebSocket when it makes a client, and Node 20 has none. Nothing here opens one.
  js: (code, person) => run(process.execPath, ["--input-type=module", "-"], `globalThis.WebSocket ??= class {};\n${assigned(person, "const ")}\n${code}\nif (error) throw error;\nconsole.log(JSON.stringify(data));\nawait supabase.auth.signOut();\n`),
  python: (code, person) => run(python, ["-"], `import json\n${assigned(person, "")}\n${code}\nprint(json.dumps(projects))\n`),
  curl: (code, token) => run("sh", ["-eu"], `${code.replace("curl ", "curl -fsS ").replace("plim_api_…", token)}\n`),
};
