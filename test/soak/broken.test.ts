import { expect, test } from '@jest/globals';
import { fileURLToPath } from 'node:url';
import { soak } from '../../bench/soak/soak.js';

/* What `npm run soak` finds where something is broken: a check that nothing has ever failed says nothing. */

const leak = fileURLToPath(new URL('./leak.mjs', import.meta.url));

test('swapped people, a grant that was ended and a server that leaks are each found', async () => {
  const { problems, mismatches, lost, unexplained } = await soak({
    sessions: 50,
    processes: 1,
    tokenLifetime: 60,
    seconds: 12,
    rate: 100,
    faultSeconds: 1,
    changes: 0.1,
    faults: [[], []],
    judgesGrowth: true,
    progressMs: 1000,
    say: () => undefined,
    env: { NODE_OPTIONS: `--import ${leak}` },
    prepare({ people, grants }) {
      const [one, other, third] = people;
      if (!one || !other || !third) throw new Error('nobody is there');
      [one.cookie, other.cookie] = [other.cookie, one.cookie];
      const grant = grants.of(third.subject);
      if (grant) grant.ended = 'reused';
    },
  });
  expect(mismatches).toBeGreaterThanOrEqual(2);
  expect(lost.unexplained).toBe(1);
  expect(unexplained.refusals).toBeGreaterThanOrEqual(1);
  for (const expected of [
    "an answer of 64 bytes that is not the caller's own",
    '401 reauth_required without a cause',
    '1 grants lost that no fault explains',
    'process 1: resident memory in MB went from',
    'process 1: heap in MB went from',
    'descriptors with nobody calling',
    'refreshes, which proves nothing',
  ])
    expect(problems).toContainEqual(expect.stringContaining(expected));
}, 90_000);
