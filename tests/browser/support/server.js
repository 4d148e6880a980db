// The server under test: one started here, or the one that PLIMSOLL_URL names (then PLIMSOLL_SIGNIN is a one-time
// sign-in link, and PLIMSOLL_RESTART a command that stops it and starts it again).

import { execFile, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const root = path.resolve(import.meta.dirname, "../../..");
const binary = process.env.PLIMSOLL_BINARY ?? path.join(root, "target/debug/plimsoll");
const START_MS = 120_000;

/** Asks until `check` answers something true; the deadline only ends what would hang. */
export async function until(what, check, deadline = START_MS) {
  const end = Date.now() + deadline;
  for (;;) {
    const answer = await Promise.resolve(check()).catch(() => undefined);
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`gave up waiting for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

const ready = (url) => fetch(`${url}/readyz`).then((answer) => answer.ok);

function given() {
  const url = process.env.PLIMSOLL_URL;
  return {
    url,
    signInLink: async () => process.env.PLIMSOLL_SIGNIN,
    restart: async () => {
      await run("sh", ["-c", process.env.PLIMSOLL_RESTART]);
      await until("the server to be back", () => ready(url));
    },
    canRestart: Boolean(process.env.PLIMSOLL_RESTART),
    stop: async () => {},
  };
}

/** Ends a process that was started here, and waits until it is gone. */
function end(child) {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  const hard = setTimeout(() => child.kill("SIGKILL"), 30_000);
  return gone.finally(() => clearTimeout(hard));
}

async function started() {
  const data = mkdtempSync(path.join(tmpdir(), "plimsoll-browser-"));
  const url = `http://127.0.0.1:${await freePort()}`;
  const logFile = path.join(data, "server.log");
  const log = openSync(logFile, "a");
  const serve = () => spawn(binary, ["up", "--data-dir", data, "--listen", new URL(url).host, "--no-open", "--no-runner"], { stdio: ["ignore", log, log] });
  const status = () => JSON.parse(execFileSync(binary, ["status", "--json", "--data-dir", data]));
  let server = serve();
  const up = async () => {
    await until("the server to start", () => {
      if (server.exitCode !== null) throw Object.assign(new Error(), { fatal: true });
      return ready(url);
    }).catch((error) => {
      throw new Error(`${error.message}\n${readFileSync(logFile, "utf8")}`);
    });
  };
  await up();
  // A process of its own, as on another machine: builds go on while the server restarts.
  const env = { ...process.env, PLIMSOLL_TOKEN: status().SERVICE_ROLE_KEY, PLIMSOLL_LOCAL_REPOSITORIES: "true" };
  const runner = spawn(binary, ["runner", "--url", url, "--data-dir", path.join(data, "runner")], { env, stdio: ["ignore", log, log] });
  return {
    url,
    signInLink: async () => JSON.parse((await run(binary, ["signin-link", "--json", "--data-dir", data])).stdout).signin_url,
    restart: async () => {
      await end(server);
      server = serve();
      await up();
    },
    canRestart: true,
    stop: async () => {
      await end(runner);
      await end(server);
      rmSync(data, { recursive: true, force: true });
    },
  };
}

export const startServer = () => (process.env.PLIMSOLL_URL ? given() : started());
