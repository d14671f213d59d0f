import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startSessionWorld, type SessionWorld } from '../session/session-world.js';

const valid = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
let world: SessionWorld;
beforeAll(async () => {
  world = await startSessionWorld();
}, 30_000);
afterAll(() => world.close());

/** What the upstream got and what the log line of the call says. */
async function call(headers: Record<string, string>) {
  const browser = await world.connected('acme');
  await browser.api.get('/proxy/acme/x', { headers });
  const line = world.app.lines.map((each) => JSON.parse(each) as Record<string, unknown>).findLast(isCall);
  return { sent: world.upstream.last.headers, line };
}
const isCall = ({ event }: Record<string, unknown>) => event === 'proxy.call';

test('a valid traceparent is continued in the log and to the upstream, with its tracestate', async () => {
  const { sent, line } = await call({ traceparent: valid, tracestate: 'a=1' });
  expect([sent['traceparent'], sent['tracestate'], line?.['traceparent']]).toEqual([valid, 'a=1', valid]);
});

test.each([
  '00-00000000000000000000000000000000-00f067aa0ba902b7-01',
  '00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01',
  'ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  `${valid}-more`,
  valid.toUpperCase(),
  'secret-canary',
])('%s is no traceparent: a new one is begun, and the tracestate is dropped', async (traceparent) => {
  const { sent, line } = await call({ traceparent, tracestate: 'a=1' });
  expect(sent['traceparent']).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
  expect([sent['tracestate'], line?.['traceparent']]).toEqual([undefined, sent['traceparent']]);
});

test('an audit line names provider, request and session, and never the session itself; it is written at LOG_LEVEL=error', async () => {
  await world.restart({ LOG_LEVEL: 'error', TRACE_UPSTREAM: 'off' });
  const browser = await world.connected('acme');
  await browser.api.post('/api/connections/acme/refresh');
  await browser.api.get('/proxy/acme/x', { headers: { traceparent: valid } });
  expect(world.upstream.last.headers['traceparent']).toBeUndefined();
  await browser.api.delete('/api/connections/acme');
  await browser.api.post('/logout');
  const lines = world.app.lines.map((each) => JSON.parse(each) as Record<string, unknown>);
  expect(lines.map(({ event }) => event)).toEqual([
    ...['connection.stored', 'connection.refreshed', 'connection.removed', 'session.ended'],
  ]);
  for (const { audit, request_id: id, traceparent } of lines)
    expect([audit, id, traceparent]).toEqual([
      true,
      expect.stringMatching(/^[\w-]{12}$/),
      expect.stringMatching(/^00-/),
    ]);
  expect(new Set(lines.map(({ session }) => session)).size).toBe(1);
  expect(lines[0]?.['session']).toMatch(/^[\w-]{16}$/);
  const keys = (await world.keys()).join('\n');
  expect(keys).not.toContain(lines[0]?.['session']);
});
