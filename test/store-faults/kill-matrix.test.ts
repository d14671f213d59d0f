import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createProvidersDirectory } from '../world/providers-directory.js';
import { send } from '../world/transport.js';
import { immortalKeys, killAt, killPoints, openKillWorld, type KillReport, type KillWorld } from './kill-runs.js';

const worlds: KillWorld[] = [];
const reports = new Map<string, KillReport>();

/** Each world on its own, so that one waits for a dead process's lock while the others go on. */
beforeAll(async () => {
  const queue = [...killPoints].sort((one, other) => Number(other.act === 'refresh') - Number(one.act === 'refresh'));
  const work = async (): Promise<void> => {
    const world = await openKillWorld();
    worlds.push(world);
    for (let point = queue.shift(); point; point = queue.shift()) reports.set(point.name, await killAt(point, world));
  };
  await Promise.all(Array.from({ length: 5 }, work));
}, 120_000);
afterAll(() => Promise.all(worlds.map((world) => world.close())));

test.each(killPoints)(
  'a process that is killed at $name leaves the connection $leaves, and nothing else',
  ({ name }) => {
    expect(reports.get(name)?.problems).toEqual([]);
    expect(reports.get(name)?.recoveryMs).toBeLessThan(12_000);
  },
);

test('nothing that a dead process left lives for ever', async () => {
  for (const { redis } of worlds) expect(await immortalKeys(redis)).toEqual([]);
});

test('in production no point can be armed', async () => {
  const file =
    'id: acme\nname: Acme\nextends: generic-oauth2\nscopes: [a]\nendpoints: {authorization: https://id.example/a, token: https://id.example/t}\napi: {base_url: https://api.example}\n';
  const providers = await createProvidersDirectory({ acme: file });
  const env = {
    PROVIDERS_DIR: providers.path,
    ACME_CLIENT_ID: 'a',
    ACME_CLIENT_SECRET: 'b'.repeat(32),
    GATEHOUSE_FAULT_POINT: 'connect.pending_stored',
  };
  const start = (process: { port: number }) =>
    send({
      method: 'GET',
      url: new URL(`http://127.0.0.1:${process.port}/connect/acme`),
      headers: { 'x-forwarded-proto': 'https', accept: 'text/html' },
    });
  const development = await worlds[0]!.stage.start({ env });
  await expect(start(development)).rejects.toThrow();
  const safe = { NODE_ENV: 'production', PUBLIC_URL: 'https://app.example', TRUST_PROXY: 'loopback' };
  const production = await worlds[0]!.stage.start({ env: { ...env, ...safe } });
  expect((await start(production)).status).toBe(302);
  expect(production.child.exitCode).toBeNull();
  await providers.remove();
}, 30_000);
