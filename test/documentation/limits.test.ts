import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { reference } from '../../src/config/reference.js';

// The figures stand in constants of their own folders, which need not be exported for a test: their text is read.

const page = readFileSync(new URL('../../docs/limits.md', import.meta.url), 'utf8');
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| Limit') && !line.startsWith('| ---'))
  .map((line) => line.split('|').map((cell) => cell.trim()));
const figureOf = (limit: string) =>
  rows.find(([, name]) => name === limit)?.[2]?.replaceAll(',', '') ?? `no row ${limit}`;

const seconds = (ms: number) => ms / 1000;
const same = (value: number) => value;

test.each<[limit: string, file: string, pattern: RegExp, unit: (value: number) => number]>([
  ['Request header', 'http/server.ts', /maxHeaderSize: ([\d_]+)/, same],
  ['Request header lines', 'http/refusal.ts', /maxHeaders = ([\d_]+)/, same],
  ['Time for the header', 'http/server.ts', /headersTimeoutMs \?\? ([\d_]+)/, seconds],
  ['A body without a byte', 'http/server.ts', /bodyIdleTimeoutMs \?\? ([\d_]+)/, seconds],
  ['A response without a byte either way', 'http/server.ts', /idleTimeoutMs \?\? ([\d_]+)/, seconds],
  ['Connection between two requests', 'config/configuration.ts', /'KEEP_ALIVE_SECONDS', ([\d_]+)/, same],
  ['Form or JSON to our own endpoints', 'middleware/body.ts', /maxBytes: ([\d_]+)/, same],
  ['Fields of a form', 'middleware/body.ts', /maxFields = ([\d_]+)/, same],
  ['`return_to`', 'endpoints/request/return-to.ts', /maxReturnTo = ([\d_]+)/, same],
  ['Logout tokens from each address', 'app.ts', /name: 'backchannel-logout', m\w+: ([\d_]+)/, same],
  ['Starts of connecting for each address', 'app.ts', /name: 'connect', m\w+: ([\d_]+)/, same],
  ['Calls of one session at the same time', 'config/configuration.ts', /'PROXY_CALLS_PER_SESSION', ([\d_]+)/, same],
  ['Forced refreshes of a connection', 'endpoints/api/forced-refreshes.ts', /m\w+ = ([\d_]+)/, same],
  ['Attempts of connecting that a request looks at', 'endpoints/connect/attempt-cookies.ts', /m\w+ = ([\d_]+);/, same],
  ['Until the response begins', 'proxy/upstream-pools.ts', /headersTimeoutMs = ([\d_]+)/, seconds],
  ['A response without a byte', 'proxy/upstream-pools.ts', /bodyTimeoutMs \?\? ([\d_]+)/, seconds],
  ['Response header, as it comes and as it goes', 'proxy/response-head.ts', /maxHeadBytes = ([\d_]+)/, same],
  ['Response header lines', 'proxy/response-head.ts', /maxHeadLines = ([\d_]+)/, same],
  ['Calls under way to one API, each process', 'proxy/places.ts', /size = ([\d_]+)/, same],
  ['Wait for a place among them', 'proxy/places.ts', /maxWaitMs = ([\d_]+)/, seconds],
  ['Calls that wait for a place', 'proxy/places.ts', /maxWaiting = ([\d_]+)/, same],
  ['Body that can be sent again after a refresh', 'proxy/request-body.ts', /keptBodyBytes = ([\d_]+)/, same],
  ["Time at the provider's sign-in", 'connections/attempts.ts', /attemptLifeMs = ([\d_]+)/, seconds],
  ['Reloading a callback', 'connections/attempts.ts', /reloadLifeMs = ([\d_]+)/, seconds],
  ['Confirming another account', 'connections/candidates.ts', /candidateLifeMs = ([\d_]+)/, seconds],
  [
    'Response to a refresh that a call waits for',
    'connections/refresh/response-times.ts',
    /responseTimeoutMs = ([\d_]+)/,
    seconds,
  ],
  [
    'Response to a refresh that is still taken',
    'connections/refresh/response-times.ts',
    /lateResponseTimeoutMs = ([\d_]+)/,
    seconds,
  ],
  [
    "Wait for another process's refresh",
    'connections/refresh/refresh-in-turn.ts',
    /lockOwnerTimeoutMs = ([\d_]+)/,
    seconds,
  ],
  ['Difference of clocks for ID tokens', 'oauth/signed-claims.ts', /clockToleranceMs = ([\d_]+)/, seconds],
  ["Age of an authorization server's metadata and keys", 'oauth/discovery.ts', /ageLimit\w* = ([\d_]+)/, seconds],
  ['Session without use', 'config/configuration.ts', /'SESSION_IDLE_SECONDS', ([\d_]+)/, same],
  ['Session', 'config/configuration.ts', /'SESSION_MAX_SECONDS', ([\d_]+)/, same],
  ['Event', 'endpoints/api/webhooks.ts', /maxBytes: ([\d_]+)/, same],
  ["Receiver's response", 'providers/sections/webhooks.ts', /defaultTimeoutSeconds = ([\d_]+)/, same],
  ['Response to the provider', 'endpoints/api/webhooks.ts', /answerWithinMs = ([\d_]+)/, seconds],
  ['A step of the store', 'store/redis/steps.ts', /deadlineMs = ([\d_]+)/, same],
  ['Redis silent when it owes an answer', 'store/redis/redis-store.ts', /commandTimeoutMs \?\? ([\d_]+)/, same],
  ['Connecting to Redis', 'store/redis/client.ts', /connectTimeoutMs = ([\d_]+)/, same],
  ['Rest after which a connection to Redis is tried first', 'store/redis/steps.ts', /restMs = ([\d_]+)/, same],
  ['Records that a process remembers', 'store/warm/records.ts', /maxEntries = ([\d_]+)/, same],
  ['Records of the embedded store', 'store/memory.ts', /maxKeys = ([\d_]+)/, same],
  ['Connections in the metrics', 'metrics/recent-connections.ts', /m\w+ = ([\d_]+);/, same],
  ['Calls taken after SIGTERM', 'stop-on-signals.ts', /acceptMs = ([\d_]+)/, same],
  ['End of the process after SIGTERM', 'stop-on-signals.ts', /lastMomentMs = ([\d_]+)/, same],
  ['Provider file', 'providers/read-file.ts', /(?:longest|max\w+) = ([\d_]+)/, same],
])('%s: the documentation has the figure of src/%s', (limit, file, pattern, unit) => {
  const source = readFileSync(new URL(`../../src/${file}`, import.meta.url), 'utf8');
  const [, figure = `no ${String(pattern)}`] = pattern.exec(source) ?? [];
  expect(figureOf(limit)).toMatch(new RegExp(`^${unit(Number(figure.replaceAll('_', '')))}\\b`));
});

test('every limit names a variable that exists, a key of the provider file, or why it has none', () => {
  const variables = new Set(reference.flatMap((section) => section.variables.map(({ name }) => name)));
  for (const [, limit, , moved = ''] of rows) {
    const [, named] = /^`([^`]+)`$/.exec(moved) ?? [];
    expect([
      limit,
      named === undefined ? /^(?:none: |the provider file: `)/.test(moved) : variables.has(named),
    ]).toEqual([limit, true]);
  }
});
