// The Python suite, its tests told one by one.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import path from "node:path";
import { createInterface } from "node:readline";

export const python = process.env.PLIMSOLL_CLIENTS_PYTHON ?? "python3";

/** The environment of whatever talks to a server on this machine: no proxy stands in between. */
export const directly = (more) => ({ ...process.env, NO_PROXY: "127.0.0.1,localhost", no_proxy: "127.0.0.1,localhost", ...more });

async function run({ server, world, faults, part }) {
  const given = JSON.stringify({ url: world.url, status: server.status, orgs: world.orgs, people: world.people, faults: faults.url });
  const child = spawn(python, [path.join(import.meta.dirname, "../python/run.py")], { env: directly({ PLIMSOLL_WORLD: given, PYTHONDONTWRITEBYTECODE: "1" }), stdio: ["ignore", "pipe", "pipe"] });
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (text) => (complaint += text));
  const ended = new Promise((resolve, reject) => child.once("error", reject).once("close", resolve));
  let count = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    const { test, failure } = JSON.parse(line);
    count += 1;
    await part(test, () => assert.ok(!failure, failure));
  }
  const code = await ended;
  assert.ok(count > 0 && code !== null && code < 2, `the Python suite ended with ${code} after ${count} tests:\n${complaint}`);
}

export const pythonSuite = [["python: supabase and postgrest", run]];
