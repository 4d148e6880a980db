// Reads `cargo metadata` and the tree; prints what breaks a rule and exits 1, or says that all hold.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

// Who may know whom. Dev-dependencies may reach anything below the binary.
const may = {
  'plimsoll-core': [],
  'plimsoll-embedded': [],
  'plimsoll-db': ['plimsoll-core'],
  'plimsoll-gateway': ['plimsoll-core', 'plimsoll-db'],
  'plimsoll-engine': ['plimsoll-core', 'plimsoll-db'],
  'plimsoll-server': ['plimsoll-core', 'plimsoll-db'],
  'plimsoll-console': ['plimsoll-core', 'plimsoll-db'],
  'plimsoll-runner': ['plimsoll-core'],
  'plimsoll-testkit': ['plimsoll-core', 'plimsoll-db', 'plimsoll-embedded'],
  plimsoll: ['plimsoll-core', 'plimsoll-db', 'plimsoll-embedded', 'plimsoll-engine', 'plimsoll-gateway', 'plimsoll-runner', 'plimsoll-server', 'plimsoll-console'],
};
// Crates that do no I/O cannot depend on what does.
const noIo = { 'plimsoll-core': ['tokio', 'reqwest', 'axum', 'tokio-postgres', 'rand', 'nix'] };
const noSql = { only: ['plimsoll-db', 'plimsoll-embedded', 'plimsoll-testkit'], crates: ['tokio-postgres', 'deadpool-postgres'] };
const longest = 600;

const wrong = [];
const { packages } = JSON.parse(readFileSync(0, 'utf8'));
for (const { name, dependencies } of packages) {
  if (!(name in may)) wrong.push(`${name}: a crate without a place in script/check.mjs`);
  for (const { name: on, kind } of dependencies) {
    if (kind === 'dev') continue;
    if (on.startsWith('plimsoll') && !may[name]?.includes(on)) wrong.push(`${name} must not know ${on}`);
    if (noIo[name]?.includes(on)) wrong.push(`${name} does no I/O, so it must not use ${on}`);
    if (noSql.crates.includes(on) && !noSql.only.includes(name)) wrong.push(`${name} must not use ${on}: SQL belongs in plimsoll-db`);
  }
}

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' }).split('\n').filter(Boolean);
const sqlText = /"\s*(select|insert into|update \w+\.\w+|delete from|with \w+ as) /i;
for (const file of files) {
  if (!/\.(rs|sql|js|mjs|css|html|sh)$/.test(file) || file === 'db/schema.sql') continue;
  let text;
  try { text = readFileSync(file, 'utf8'); } catch { continue; }
  const lines = text.split('\n');
  if (lines.length > longest) wrong.push(`${file}: ${lines.length} lines; more than ${longest} is two files`);
  if (file.endsWith('.rs') && /^crates\/(core|engine|gateway|server|console|runner|plimsoll)\/src\//.test(file)) {
    const code = text.split('#[cfg(test)]')[0];
    if (!/tests?\.rs$/.test(file) && sqlText.test(code)) wrong.push(`${file}: holds SQL; it belongs in crates/db or db/`);
  }
}

if (wrong.length) {
  console.error(wrong.map((line) => `  ${line}`).join('\n'));
  console.error(`${wrong.length} rules broken`);
  process.exit(1);
}
console.log(`arrows between ${packages.length} crates, SQL in its place, ${files.length} files short enough`);
