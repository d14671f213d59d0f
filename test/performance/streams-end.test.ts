import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { connect } from '../world/journey.js';
import { startTwoProcesses, type Person, type TwoProcesses } from './two-processes.js';

let world: TwoProcesses;
beforeAll(async () => {
  world = await startTwoProcesses();
  world.api.lastByte = new Promise(() => undefined);
});
afterAll(() => world.close());

/** A call through the second process whose response never ends by itself; resolves when it was cut. */
async function openStream(person: Person): Promise<{ isCut: () => boolean; cut: Promise<unknown> }> {
  const headers = { cookie: person.second.cookieHeader() ?? '', 'x-csrf': '1' };
  const call = request({
    host: '127.0.0.1',
    port: world.port,
    path: '/proxy/acme/stream',
    headers,
    agent: false,
  }).end();
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  expect(response.statusCode).toBe(200);
  let cut = false;
  const closed = new Promise<void>((resolve) => {
    response.resume().on('error', () => undefined);
    response.on('close', () => {
      cut = true;
      expect(response.complete).toBe(false);
      resolve();
    });
  });
  return { isCut: () => cut, cut: closed };
}

test.each([
  ['a logout on the other process', (person: Person) => person.first.api.post('/logout')],
  ['a logout on this process', (person: Person) => person.second.api.post('/logout')],
  ['a disconnect on the other process', (person: Person) => person.first.api.delete('/api/connections/acme')],
  ['the loss of all records', () => world.redis.cli('flushall')],
])('%s cuts a stream within seconds', async (_, end) => {
  const person = await world.person();
  const stream = await openStream(person);
  const began = performance.now();
  await end(person);
  await stream.cut;
  expect(performance.now() - began).toBeLessThan(10_000);
});

test('what others do, and another provider or a new id of the same session, cut nothing', async () => {
  const [person, other] = [await world.person(), await world.person()];
  const [stream, control] = [await openStream(person), await openStream(other)];
  await connect(person.first, 'acme');
  await other.first.api.post('/logout');
  // Both streams are looked at in the same moment.
  await control.cut;
  expect(stream.isCut()).toBe(false);
});
