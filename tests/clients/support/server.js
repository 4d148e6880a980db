// A server of the real binary with a database of its own, and the end of both.

import { execFileSync, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "../../..");
const binary = process.env.PLIMSOLL_BINARY ?? path.join(root, "target/debug/plimsoll");
const START_MS = 120_000;

/** Asks until `check` answers something true; the deadline only ends what would hang. */
export async function until(what, check, deadline = START_MS) {
  const end = Date.now() + deadline;
  for (;;) {
    const answer = await check();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`gave up waiting for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Ends a process that was started here, and waits until it is gone. */
function end(child) {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  const hard = setTimeout(() => child.kill("SIGKILL"), 30_000);
  return gone.finally(() => clearTimeout(hard));
}

/**
 * Starts a server. It believes `X-Forwarded-For`, so that a test may come from an address of its own: many people sign
 * in here within a minute, and one address may not.
 */
export async function startServer() {
  const data = mkdtempSync(path.join(tmpdir(), "plimsoll-clients-"));
  // Started as root, PostgreSQL runs as another user, who must pass through.
  chmodSync(data, 0o755);
  const logFile = path.join(data, "server.log");
  const log = openSync(logFile, "a");
  const env = { ...process.env, PLIMSOLL_TRUST_PROXY: "true" };
  for (const name of ["DATABASE_URL", "JWT_SECRET", "PLIMSOLL_DATA_DIR", "PLIMSOLL_LISTEN", "PLIMSOLL_PUBLIC_URL"]) delete env[name];
  const child = spawn(binary, ["up", "--data-dir", data, "--listen", "127.0.0.1:0", "--no-open", "--no-runner"], { env, stdio: ["ignore", log, log] });
  const stop = async () => {
    await end(child);
    rmSync(data, { recursive: true, force: true });
  };
  const said = () => readFileSync(logFile, "utf8");
  const status = () => JSON.parse(execFileSync(binary, ["status", "--json", "--data-dir", data], { env, stdio: ["ignore", "pipe", "pipe"] }));
  try {
    await new Promise((resolve, reject) => child.once("spawn", resolve).once("error", reject));
    await until("the server to start", () => {
      if (child.exitCode !== null) throw new Error("the server did not start");
      return existsSync(path.join(data, "runtime.json")) && status().READY;
    });
  } catch (error) {
    const log = said();
    await stop();
    throw new Error(`${error.message}\n${log}`, { cause: error });
  }
  return { binary, data, status: status(), said, stop };
}
