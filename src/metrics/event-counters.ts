import { Counter, Histogram, type Registry } from 'prom-client';
import { problems, type ProblemCode } from '../errors.js';
import type { LogFields } from '../log/log.js';
import type { CallMeter } from './call-meter.js';

type Observe = (fields: LogFields) => void;

export interface EventCounters {
  byEvent: ReadonlyMap<string, Observe>;
  /** Begins the counts of a provider at 0, so that its first event shows as an increase. */
  offer(provider: string): void;
}

const refreshBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/**
 * What is counted from the very events that are logged, so that the two never tell different stories. Labels are bounded:
 * a provider that is not on offer counts as `none`, and everything else comes from sets of ours.
 */
export function eventCounters(
  register: Registry,
  meter: CallMeter,
  isOffered: (provider: string) => boolean,
): EventCounters {
  const counter = (name: string, help: string, labelNames: string[]) =>
    new Counter({ name: `gatehouse_${name}_total`, help, labelNames, registers: [register] });
  const bounded = (id: unknown): string => (typeof id === 'string' && isOffered(id) ? id : 'none');
  const provider = (fields: LogFields): string => bounded(fields.provider);
  const text = (value: LogFields[keyof LogFields]): string => String(value ?? 'none');

  const starts = counter('connect_starts', 'Sign-ins begun', ['provider']);
  const callbacks = counter(
    'callbacks',
    'Finished sign-ins, by outcome: stored, cancelled or replaced before a confirmation, or the error code',
    [...['provider', 'outcome']],
  );
  const refreshes = counter('refreshes', 'Renewals of tokens, by result', ['provider', 'result']);
  const refreshTime = new Histogram({
    name: 'gatehouse_refresh_seconds',
    help: 'Renewals of tokens, with the wait for the lock and for the store',
    labelNames: ['provider', 'outcome'],
    buckets: refreshBuckets,
    registers: [register],
  });
  const disconnects = counter('disconnects', 'Connections removed, by revocation', ['provider', 'revocation']);
  const logouts = counter('logouts', 'Sessions ended by the person or the application', []);
  const refused = counter('problems', 'Answers of our own that were errors, by code', ['code']);
  const limits = counter('limits_hit', 'Requests refused by a limit', ['limit']);
  const webhooks = counter('webhooks', 'Events of providers, by what became of them', ['provider', 'outcome']);
  const discovery = counter('discovery_failures', 'Metadata that could not be read', ['provider', 'code']);

  const problem: Observe = ({ code, path = '', provider: named }) => {
    refused.inc({ code: text(code) });
    const [, area, second] = String(path).split('/');
    const limit = limitOf(code, area);
    if (limit !== undefined) limits.inc({ limit });
    if (area === 'proxy') meter.refused(bounded(second), problems[code as ProblemCode].status);
    if (area === 'webhooks') {
      const failed = problems[code as ProblemCode].status >= 500;
      webhooks.inc({ provider: bounded(named ?? second), outcome: failed ? 'failed' : 'refused' });
    }
  };
  const refreshEnded: Observe = (fields) => {
    if (typeof fields.ms !== 'number') return;
    refreshTime.observe({ provider: provider(fields), outcome: text(fields.outcome) }, fields.ms / 1000);
  };

  for (const limit of ['starts_of_address', 'calls_of_session', 'refreshes_of_connection', 'body_size'])
    limits.inc({ limit }, 0);
  const offer = (id: string): void => {
    starts.inc({ provider: id }, 0);
    callbacks.inc({ provider: id, outcome: 'stored' }, 0);
    for (const result of ['rotated', 'refreshed', 'transient', 'configuration', 'dead', 'presumed_dead'])
      refreshes.inc({ provider: id, result }, 0);
    for (const outcome of ['passed_on', 'repeated', 'refused', 'failed']) webhooks.inc({ provider: id, outcome }, 0);
    for (const code of ['provider_misconfigured', 'discovery_pending']) discovery.inc({ provider: id, code }, 0);
  };

  const byEvent = new Map<string, Observe>([
    ['connect.started', (fields) => starts.inc({ provider: provider(fields) })],
    ['connection.stored', (fields) => callbacks.inc({ provider: provider(fields), outcome: 'stored' })],
    ['connect.failed', (fields) => callbacks.inc({ provider: provider(fields), outcome: text(fields.code) })],
    ['connection.declined', (fields) => callbacks.inc({ provider: provider(fields), outcome: text(fields.outcome) })],
    ['connection.refreshed', (fields) => refreshes.inc({ provider: provider(fields), result: text(fields.result) })],
    [
      'connection.refresh_failed',
      (fields) => refreshes.inc({ provider: provider(fields), result: text(fields.outcome) }),
    ],
    ['connection.refresh_ended', refreshEnded],
    [
      'connection.removed',
      (fields) => disconnects.inc({ provider: provider(fields), revocation: text(fields.revocation) }),
    ],
    ['session.ended', () => logouts.inc()],
    ['request.refused', problem],
    ['request.failed', problem],
    ['webhook.passed_on', (fields) => webhooks.inc({ provider: provider(fields), outcome: 'passed_on' })],
    ['webhook.repeated', (fields) => webhooks.inc({ provider: provider(fields), outcome: 'repeated' })],
    ['discovery.failed', (fields) => discovery.inc({ provider: provider(fields), code: text(fields.code) })],
  ]);
  return { byEvent, offer };
}

function limitOf(code: unknown, area: string | undefined): string | undefined {
  if (code === 'body_too_large') return 'body_size';
  if (code !== 'rate_limited') return undefined;
  if (area === 'api') return 'refreshes_of_connection';
  return area === 'proxy' ? 'calls_of_session' : 'starts_of_address';
}
