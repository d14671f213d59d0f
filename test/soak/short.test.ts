import { expect, test } from '@jest/globals';
import { soak } from '../../bench/soak/soak.js';

/* `npm run soak` in a short form: the programme itself must not rot, and what it promises holds. */

test('hundreds of sessions call through every kind of fault, and each is answered with its own data', async () => {
  const summary = await soak({
    sessions: 300,
    processes: 2,
    tokenLifetime: 6,
    seconds: 12,
    rate: 300,
    faultSeconds: 0.5,
    changes: 4,
    faults: [
      // A kill soon after the store was away takes along the tokens that a process holds for it.
      ['kill', 'freeze', 'restart', 'tokenErrors'],
      ['tokenDelay', 'resets', 'refused', 'roll'],
    ],
    judgesGrowth: false,
    progressMs: 1000,
    say: () => undefined,
  });
  expect(summary.problems).toEqual([]);
  expect(summary).toMatchObject({ mismatches: 0, lost: { unexplained: 0 }, unexplained: { refusals: 0 } });
  expect(summary.faults).toHaveLength(8);
  expect(summary.refreshes).toBeGreaterThan(summary.sessions);
  expect(summary.sandbox).toMatchObject({ mismatches: 0 });
  const { logouts, disconnects, reconnects } = summary.changes;
  expect(Math.min(logouts, disconnects, reconnects)).toBeGreaterThan(0);
}, 300_000);
