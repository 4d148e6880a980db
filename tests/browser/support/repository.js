// A git repository whose branches build in known ways.

import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const FILES = {
  // Long enough to be watched, and to go on while the server restarts.
  main: `
[[step]]
name = "Compile"
run = """
echo "::group::Dependencies"
for i in $(seq 1 40); do printf '\\\\033[1;32mCompiling\\\\033[0m crate-%s\\\\n' $i; done
echo "::endgroup::"
for i in $(seq 1 200); do echo "slow line $i of the build"; sleep 0.05; done
"""

[[step]]
name = "Check"
phase = "test"
run = "echo all is well"
`,
  broken: `
[[step]]
name = "Test"
phase = "test"
test_reports = ["junit.xml"]
artifacts = ["junit.xml"]
run = """
seq -f 'test number %.0f ... ok' 1 3000
echo 'error: assertion failed: left == right'
seq -f 'afterwards %.0f' 1 500
echo '<testsuite name="basket" tests="2"><testcase classname="basket" name="adds_up"/><testcase classname="basket" name="charges_once"><failure message="left: 2"/></testcase></testsuite>' > junit.xml
exit 3
"""
`,
  large: `
[[step]]
name = "Print"
run = "seq -f 'line %.0f of very many' 1 100000"
`,
  idle: `
[[step]]
name = "Nothing"
run = "true"
`,
};

export function makeRepository() {
  const dir = mkdtempSync(path.join(tmpdir(), "plimsoll-repo-"));
  chmodSync(dir, 0o755);
  const git = (...args) => execFileSync("git", ["-c", "user.name=Ada Lovelace", "-c", "user.email=ada@example.org", ...args], { cwd: dir, stdio: "pipe" });
  git("init", "-q", "-b", "main");
  for (const [branch, file] of Object.entries(FILES)) {
    if (branch !== "main") git("checkout", "-q", "-b", branch, "main");
    writeFileSync(path.join(dir, "plimsoll.toml"), file);
    git("add", "-A");
    git("commit", "-q", "-m", `Build the branch ${branch}`);
  }
  git("checkout", "-q", "main");
  return { path: dir, remove: () => rmSync(dir, { recursive: true, force: true }) };
}
