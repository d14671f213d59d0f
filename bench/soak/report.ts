import { machine, table } from '../report.js';
import { bounds } from './growth.js';
import { restBound } from './rest.js';
import type { Trend } from './samples.js';
import type { Summary } from './summary.js';

const count = (value: number): string => value.toLocaleString('en');
const change = ({ first, last }: Trend, digits = 0): string => `${first.toFixed(digits)} → ${last.toFixed(digits)}`;

/** The tables of a run, as they stand in docs/load.md. */
export function soakReport(summary: Summary): string {
  return [
    `${machine()}; servers, Redis, authorization server, API and load all on it. ${count(summary.sessions)} sessions at ` +
      `${summary.processes} processes for ${Math.round(summary.seconds)} s. The machine's load average was ${summary.loadAverage.toFixed(1)} when it began.`,
    table(['', 'in all'], totals(summary)),
    table(
      ['fault', 'calls it cost', 'recovery'],
      summary.faults.map(({ name, answers, recoveryMs }) => [name, count(answers), `${Math.round(recoveryMs)} ms`]),
    ),
    `Second half, faults left out, from its start to its end (straight line through the samples). Bounds: ${bounds.part * 100} % or ` +
      `${bounds.megabytes} MB, whichever is more; for Redis ${bounds.part * 100} % or ${bounds.redisMegabytes} MB. Descriptors under load follow the ` +
      `calls that are under way; judged are those that are left when the callers have gone: ${restBound} more than a new process has (${summary.rest.fresh}) at most.`,
    table(
      ['', 'resident memory, MB', 'heap, MB', 'descriptors under load', 'at rest', 'samples'],
      [
        ...[...summary.trends].map(([name, { rss, heap, descriptors, samples }]) => [
          name,
          change(rss),
          change(heap),
          change(descriptors),
          count(summary.rest.served.get(name) ?? Number.NaN),
          count(samples),
        ]),
        ['Redis', change(summary.redis, 1), '–', '–', '–', '–'],
      ],
    ),
  ].join('\n\n');
}

function totals(summary: Summary): string[][] {
  const { answers, changes, lost, sandbox, unexplained } = summary;
  const { logouts, disconnects, reconnects } = changes;
  return [
    ['calls', `${count(summary.calls)} (${count(Math.round(summary.calls / summary.seconds))} a second)`],
    ['**answers with another person’s data**', `**${count(summary.mismatches)}**`],
    ['answers', answers.map(([kind, times]) => `${count(times)} × ${kind}`).join(', ')],
    ['401 without a cause', count(unexplained.refusals)],
    ['503 of the store that no fault explains (bound: one in 1,000; the machine is busy)', count(unexplained.busy)],
    ['other failures that no fault explains', count(unexplained.failures)],
    ['401 because the person signed out while the call was under way', count(summary.overtaken)],
    ['refreshes, calls of the token endpoint', `${count(summary.refreshes)}, ${count(summary.tokenCalls)}`],
    ['**grants lost**', `**${count(lost.unexplained)}**`],
    ['grants lost with the process that was killed between the refresh and its saving', count(lost.byKill)],
    ['logouts, disconnects, new connections', [logouts, disconnects, reconnects].map(count).join(', ')],
    [
      'calls at the sandbox’s four providers, refreshes there, with another person’s data',
      [sandbox.calls, sandbox.refreshes, sandbox.mismatches].map(count).join(', '),
    ],
    [
      'median, 99 %, longest answer',
      [summary.p50, summary.p99, summary.longestMs].map((ms) => `${count(ms)} ms`).join(', '),
    ],
  ];
}
