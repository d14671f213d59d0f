import { table } from '../report.js';
import { count, halfLoad, type Figures } from './figures.js';

/** How much of what is needed, worked out from what was measured: for docs/operations.md. */
export function sizing(figures: Figures): string {
  const { bytesPerSession, call, recalled, asking, ratio, redis } = figures;
  const perGigabyte = Math.floor(2 ** 30 / bytesPerSession / 1000) * 1000;
  const rows = [
    [
      'Sessions per GB of Redis',
      `${count(bytesPerSession)} bytes for a session with one connection and a token of 1 KB: 2³⁰ / ${count(bytesPerSession)} = **${count(perGigabyte)}**. ` +
        'Each further connection is nearly as much, a longer token adds its length',
      '`npm run bench -- --scale`',
    ],
    [
      'Calls a second per core',
      `${call} µs a call: ${count(1_000_000 / call)}. Plan with half of it: **${count(halfLoad(call))}**, so that one core can fail and no call waits`,
      '`npm run bench`',
    ],
    [
      'Replicas',
      'processes share only Redis, and a call costs the same beside other processes: twice the processes, twice the calls. One process per core; a process uses little more than one',
      '`npm run bench -- --only=processes`',
    ],
    [
      'Redis commands',
      'remembered call 0; first call, refresh, sign-in, logout as in [that table](load.md#what-each-act-asks-of-redis); one probe a second for each process in use',
      '`npm run soak -- --costs`',
    ],
    [
      'More sessions than a process remembers',
      `a process remembers 10,000 records, which is 5,000 sessions with one connection. Beyond that a call asks Redis once and costs ${ratio} times as much ` +
        `(${recalled} → ${asking} µs). One Redis core at ${redis.nextCall.toFixed(0)} µs answers ${count(halfLoad(redis.nextCall) * 2)} of them a second`,
      '`npm run bench -- --scale`, `npm run soak -- --costs`',
    ],
    ['Memory of a process', '150 to 200 MB; plan 512 MB', '`npm run soak`'],
    [
      'Descriptors of a process',
      'its callers, the calls under way at APIs (256 at most for each), and a few for Redis: `ulimit -n` of 65,536 is plenty',
      '`npm run soak`',
    ],
    [
      'Network',
      'each byte of a response passes twice, in and out; a call adds about 2 KB of headers and token; a call that asks Redis reads 2 KB from it',
      'arithmetic',
    ],
  ];
  return table(['question', 'figure', 'from'], rows);
}
