import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { authorizationServerDown } from './down.js';
import { exhaustion } from './exhaustion.js';
import { kills } from './kills.js';
import { outages } from './outages.js';
import { parallelRefresh } from './parallel-refresh.js';
import { replacing } from './replacing.js';
import { rowsTable, type Row } from './row.js';

/**
 * `npm run faults`, `npm run faults -- 24` for fewer kills, `npm run faults -- 24 kills down` for these parts alone. Prints its
 * tables and writes them into docs/reliability.md.
 */
const runs = Number(process.argv[2] ?? 204);
const wanted = process.argv.slice(3);
const problems: string[] = [];
const file = new URL('../../../../docs/reliability.md', import.meta.url);

const date = new Date().toISOString().slice(0, 10);
const machine = `${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.versions.node}`;
publish('machine', `${date}, ${machine}; all processes, Redis and the load on the same machine; ${runs} kills.`);
await section('refresh', () => parallelRefresh({ delays: [0.05, 1, 5], processes: [1, 2, 4] }));
await section('down', () => authorizationServerDown({ seconds: 60, rate: 100, people: 20 }));
await section('replacing', () => replacing());
await section('exhaustion', () => exhaustion({ idle: 5000, hanging: 500, anonymous: 3000 }));
await section('outages', outages);
await section('kills', async () => {
  const report = await kills(runs);
  problems.push(...report.problems);
  return report.rows;
});
for (const problem of problems) process.stderr.write(`${problem}\n`);
process.exit(problems.length === 0 ? 0 : 1);

async function section(name: string, measure: () => Promise<Row[]>): Promise<void> {
  if (wanted.length > 0 && !wanted.includes(name)) return;
  process.stderr.write(`\n${new Date().toISOString().slice(11, 19)} ${name} …\n`);
  publish(name, rowsTable(await measure()));
}

/** Prints the text, and puts it between the markers of this name. */
function publish(name: string, text: string): void {
  process.stdout.write(`\n${text}\n`);
  const before = readFileSync(file, 'utf8');
  const [begin, end] = [`<!-- ${name}: begin -->`, `<!-- ${name}: end -->`];
  const [from, to] = [before.indexOf(begin), before.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/reliability.md has no markers for ${name}`);
  writeFileSync(file, `${before.slice(0, from + begin.length)}\n\n${text}\n\n${before.slice(to)}`);
}
