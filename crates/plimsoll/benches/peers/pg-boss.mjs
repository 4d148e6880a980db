// Jobs a second that pg-boss fetches and completes one by one. Usage: node pg-boss.mjs URL CLIENTS JOBS
import { PgBoss } from 'pg-boss';

const [connectionString, clients, jobs] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const boss = new PgBoss({ connectionString, max: clients, supervise: false, schedule: false });
boss.on('error', (error) => { throw error; });
await boss.start();
await boss.createQueue('bench');
for (let sent = 0; sent < jobs; sent += 1000) {
  await boss.insert('bench', Array.from({ length: 1000 }, (_, n) => ({ data: { n: sent + n } })));
}

let done = 0;
const started = performance.now();
await Promise.all(Array.from({ length: clients }, async () => {
  for (;;) {
    const [job] = await boss.fetch('bench', { batchSize: 1 });
    if (!job) return;
    await boss.complete('bench', job.id);
    done += 1;
  }
}));
const seconds = (performance.now() - started) / 1000;
await boss.stop({ graceful: false });
console.log((done / seconds).toFixed(1));
process.exit(done >= jobs ? 0 : 1);
