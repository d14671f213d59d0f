import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { kills } from './kills.js';
import { outages } from './outages.js';
import { parallelRefresh } from './parallel-refresh.js';
import { rowsTable, type Row } from './row.js';

/** `npm run faults`, or `npm run faults -- 24` for fewer kills. Prints its tables and writes them into docs/reliability.md. */
const runs = Number(process.argv[2] ?? 204);
const file = new URL('../../../../docs/reliability.md', import.meta.url);

const date = new Date().toISOString().slice(0, 10);
const machine = `${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.versions.node}`;
publish('machine', `${date}, ${machine}; all processes, Redis and the load on the same machine; ${runs} kills.`);
await section('refresh', parallelRefresh);
await section('outages', outages);
const { rows, problems } = await kills(runs);
await section('kills', () => Promise.resolve(rows));
for (const problem of problems) process.stderr.write(`${problem}\n`);
process.exit(problems.length === 0 ? 0 : 1);

async function section(name: string, measure: () => Promise<Row[]>): Promise<void> {
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
