import { parseArgs } from 'node:util';
import { writeSection } from '../report.js';
import { redisCosts } from './redis-costs.js';
import { soakReport } from './report.js';
import { soak } from './soak.js';
import { writePlan } from './write-plan.js';

/**
 * `npm run soak`, `npm run soak -- --minutes=2 --sessions=4000 --rate=1800 --processes=2`. Prints its tables and, from five
 * minutes on, judges growth and writes them into docs/load.md. Exit code 1: a promise was not kept. `--costs` counts what
 * each act asks of Redis instead, and works out sizes from it; `--plan` only does the latter, as after `npm run bench`.
 */
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    sessions: { type: 'string', default: '4000' },
    processes: { type: 'string', default: '2' },
    rate: { type: 'string', default: '1800' },
    costs: { type: 'boolean', default: false },
    plan: { type: 'boolean', default: false },
  },
});
const number = (name: keyof typeof values): number => {
  const value = Number(values[name]);
  if (!(value > 0)) throw new Error(`--${name} has to be a number above 0`);
  return value;
};
if (values.costs) {
  const text = await redisCosts(500);
  process.stdout.write(`${text}\n`);
  await writeSection('costs', text, 'load.md');
}
if (values.costs || values.plan) {
  await writePlan();
  process.exit(0);
}
const minutes = number('minutes');
const summary = await soak({
  sessions: number('sessions'),
  processes: number('processes'),
  tokenLifetime: 90,
  seconds: minutes * 60,
  rate: number('rate'),
  faultSeconds: Math.min(5, minutes),
  changes: 2,
  faults: [
    // New processes first: what they fill while they are young is no growth.
    ['kill', 'roll', 'tokenErrors', 'tokenDelay', 'resets', 'freeze', 'restart', 'refused'],
    ['tokenErrors', 'resets', 'freeze', 'restart', 'refused'],
  ],
  judgesGrowth: minutes >= 5,
  progressMs: 5_000,
  say: (line) => process.stderr.write(`${line}\n`),
});
const text = soakReport(summary);
process.stdout.write(`\n${text}\n`);
if (minutes >= 5) await writeSection('soak', text, 'load.md');
for (const problem of summary.problems) process.stderr.write(`NOT KEPT: ${problem}\n`);
process.exit(summary.problems.length === 0 ? 0 : 1);
