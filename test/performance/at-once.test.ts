import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { probeKey } from '../../src/store/keys.js';
import { readBody } from '../world/listen.js';
import { watchRedis, type RedisWatch } from './redis-watch.js';
import { call, startTwoProcesses, warmUp, type Person, type TwoProcesses } from './two-processes.js';

let world: TwoProcesses;
let watch: RedisWatch;
beforeAll(async () => {
  world = await startTwoProcesses();
  // After both processes, so that Redis tells them first.
  watch = await watchRedis(world.redis.url);
});
afterAll(async () => {
  watch.close();
  await world.close();
});

async function warmPerson(): Promise<Person> {
  const person = await world.person();
  await warmUp(world, person.second);
  return person;
}

/** Does something on the first process. Resolves when Redis has told of it: no call that begins then can be older. */
async function onTheFirst(act: () => Promise<{ status: number }>, key: RegExp): Promise<void> {
  const changed = watch.change(key);
  expect((await act()).status).toBe(200);
  await changed;
}

const connectionKey = /:connection:acme$/;

test('a logout is in force in the other process with the next call', async () => {
  for (let turn = 0; turn < 5; turn += 1) {
    const person = await warmPerson();
    await onTheFirst(() => person.first.api.post('/logout'), /:session$/);
    expect((await call(person.second)).status).toBe(401);
  }
});

test('a disconnect is in force in the other process with the next call', async () => {
  for (let turn = 0; turn < 5; turn += 1) {
    const person = await warmPerson();
    await onTheFirst(() => person.first.api.delete('/api/connections/acme'), connectionKey);
    expect((await call(person.second)).status).toBe(401);
  }
});

test('a refreshed token is used by the other process with the next call', async () => {
  const person = await warmPerson();
  for (let turn = 0; turn < 10; turn += 1) {
    await onTheFirst(() => person.first.api.post('/api/connections/acme/refresh'), connectionKey);
    expect((await call(person.first)).status).toBe(200);
    expect((await call(person.second)).status).toBe(200);
    expect(world.api.bearers.at(-1)).toBe(world.api.bearers.at(-2));
    await warmUp(world, person.second);
  }
});

test('a chosen organization is named by both processes with their next calls', async () => {
  const person = await warmPerson();
  for (const chosen of ['o1', 'o2', null, 'o2', 'o1', null]) {
    const choose = () => person.first.api.put('/api/connections/acme/organization', { json: { id: chosen } });
    await onTheFirst(choose, connectionKey);
    for (const browser of [person.second, person.first]) {
      expect((await call(browser)).status).toBe(200);
      expect(world.api.organization).toBe(chosen ?? undefined);
    }
    await warmUp(world, person.second);
  }
});

test('choices on both processes at once end with one organization for both', async () => {
  const person = await warmPerson();
  for (let turn = 0; turn < 5; turn += 1) {
    const choose = (browser: Person['first'], id: string) =>
      browser.api.put('/api/connections/acme/organization', { json: { id } });
    const answers = await Promise.all([choose(person.first, 'o1'), choose(person.second, 'o2')]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    // One more change, so that there is a report to wait for; it leaves the choice as it is.
    await onTheFirst(() => person.first.api.post('/api/connections/acme/refresh'), connectionKey);
    await call(person.first);
    const chosen = world.api.organization;
    await call(person.second);
    expect([chosen, 'o1', 'o2']).toContain(world.api.organization);
    expect(world.api.organization).toBe(chosen);
    expect((await person.second.api.get('/api/connections/acme')).json).toMatchObject({ organization: { id: chosen } });
  }
});

/** A call through the second process whose answer lacks its last byte until `finish`. */
async function heldCall(person: Person): Promise<{ finish(): Promise<string> }> {
  let letGo = (): void => undefined;
  world.api.lastByte = new Promise((resolve) => (letGo = resolve));
  const cookie = person.second.cookieHeader() ?? '';
  const outgoing = request({ port: world.port, path: '/proxy/acme/held', headers: { cookie, 'x-csrf': '1' } }).end();
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
  await once(answer, 'readable');
  world.api.lastByte = undefined;
  return {
    async finish() {
      letGo();
      return (await readBody(answer)).toString();
    },
  };
}

test.each(['cold', 'warm'])('nothing is asked of Redis after the last byte of an answer: a %s call', async (kind) => {
  for (let turn = 0; turn < 5; turn += 1) {
    const person = kind === 'warm' ? await warmPerson() : await world.person();
    const held = await heldCall(person);
    const commands = await watch.commands();
    expect(await held.finish()).toBe('{}');
    // Travels behind whatever the process has told Redis by now.
    const ready = request({ port: world.port, path: '/readyz' }).end();
    ((await once(ready, 'response')) as [IncomingMessage])[0].resume();
    const told = (await commands.stop()).filter(([, key = '']) => !key.startsWith(probeKey('')));
    // These are the question's own: whether the store may be written, and whether it responds.
    expect(new Set(told.map(([name]) => name?.toLowerCase()))).toEqual(new Set(['evalsha', 'time', 'ping']));
  }
});
