import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '../world/redis.js';
import { call, startTwoProcesses, warmUp, type Person, type TwoProcesses } from './two-processes.js';

let world: TwoProcesses;
beforeAll(async () => {
  world = await startTwoProcesses();
});
afterAll(() => world.close());

async function warmPerson(): Promise<Person> {
  const person = await world.person();
  await warmUp(world, person.second);
  return person;
}

/** What the second process answers, once it is this; the deadline is not what it usually takes. */
async function becomes(person: Person, status: number): Promise<void> {
  await eventually(async () => (await call(person.second)).status === status, 1000);
}

test('200 warm calls ask Redis for nothing', async () => {
  const { second } = await warmPerson();
  const [reads, before] = [await world.reads(), await world.commands()];
  const began = Date.now();
  for (let turn = 0; turn < 200; turn += 1) expect((await call(second)).status).toBe(200);
  const after = await world.commands();
  expect(await world.reads()).toBe(reads);
  expect(after.total).toBe(before.total);
  // Each of the two processes may write a probe a second to see that it is told of changes.
  expect(after.probes - before.probes).toBeLessThanOrEqual(2 * Math.ceil((Date.now() - began) / 1000) + 2);
});

test('a cold call asks Redis once', async () => {
  const { second } = await warmPerson();
  for (let turn = 0; turn < 5; turn += 1) {
    await world.cutChannels();
    const before = await world.reads();
    expect((await call(second)).status).toBe(200);
    expect((await world.reads()) - before).toBeLessThanOrEqual(1);
  }
});

test('a logout on one process ends the calls on the other', async () => {
  const person = await warmPerson();
  expect((await person.first.api.post('/logout')).status).toBe(200);
  await becomes(person, 401);
});

test('a disconnect on one process ends the calls on the other', async () => {
  const person = await warmPerson();
  expect((await person.first.api.delete('/api/connections/acme')).status).toBe(200);
  await becomes(person, 401);
});

test('a refresh on one process gives the other the new token', async () => {
  const person = await warmPerson();
  const old = world.api.bearers.at(-1);
  expect((await person.first.api.post('/api/connections/acme/refresh')).status).toBe(200);
  await eventually(async () => (await call(person.second)).status === 200 && world.api.bearers.at(-1) !== old, 1000);
});

test('a logout on the very process is in force with its answer', async () => {
  const person = await warmPerson();
  const cookie = person.second.cookieHeader() ?? '';
  expect((await person.second.api.post('/logout')).status).toBe(200);
  expect((await person.second.newBrowser().api.get('/proxy/acme/invoices', { headers: { cookie } })).status).toBe(401);
});

test('a logout takes effect although the channel was cut', async () => {
  const person = await warmPerson();
  await world.cutChannels();
  expect((await person.first.api.post('/logout')).status).toBe(200);
  await becomes(person, 401);
});

test('nothing outlives FLUSHALL', async () => {
  const person = await warmPerson();
  await world.redis.cli('flushall');
  await becomes(person, 401);
});

test('calls one after the other share one connection to the API', async () => {
  const { second } = await warmPerson();
  const before = world.api.connections;
  for (let turn = 0; turn < 50; turn += 1) await call(second);
  expect(world.api.connections).toBe(before);
});
