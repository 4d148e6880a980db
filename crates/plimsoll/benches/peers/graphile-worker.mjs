// Jobs a second of graphile-worker without its local queue. Usage: node graphile-worker.mjs URL CLIENTS JOBS
import { Logger, run, runMigrations } from 'graphile-worker';
import pg from 'pg';

const [connectionString, clients, jobs] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const logger = new Logger(() => () => {});
await runMigrations({ connectionString, logger });
const pool = new pg.Pool({ connectionString, max: 1 });
await pool.query(
  "select graphile_worker.add_jobs(array(select row('bench', json_build_object('n', n), null, null, null, null, null, null)::graphile_worker.job_spec from generate_series(1, $1::int) n))",
  [jobs],
);
await pool.end();

let done = 0;
const started = performance.now();
let finished;
const all = new Promise((resolve) => { finished = resolve; });
const runner = await run({
  connectionString, logger, concurrency: clients, maxPoolSize: clients + 2, pollInterval: 50, noHandleSignals: true,
  taskList: { bench: async () => { if (++done === jobs) finished(); } },
});
await all;
const seconds = (performance.now() - started) / 1000;
await runner.stop();
console.log((done / seconds).toFixed(1));
