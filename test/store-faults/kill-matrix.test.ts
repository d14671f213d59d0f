import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startRedis } from '../world/redis.js';
import { send } from '../world/transport.js';
import { immortalKeys, killAt, killPoints, type KillWorld } from './kill-runs.js';
import { openStage } from './stage.js';

let world: KillWorld;

beforeAll(async () => {
  const redis = await startRedis();
  const stage = await openStage({ redisUrl: redis.url });
  const survivor = await stage.start();
  const bystander = stage.person(survivor);
  await bystander.connect();
  await bystander.connect('other');
  world = { redis, stage, survivor, bystander };
});
afterAll(async () => {
  await world.stage.close();
  await world.redis.stop();
});

test.each(killPoints)(
  'a process that is killed at $name leaves the connection $leaves, and nothing else',
  async (point) => {
    const report = await killAt(point, world);
    expect(report.problems).toEqual([]);
    expect(report.recoveryMs).toBeLessThan(20_000);
    expect(await immortalKeys(world.redis)).toEqual([]);
  },
  40_000,
);

test('in production no point can be armed', async () => {
  const file =
    'id: acme\nname: Acme\nextends: generic-oauth2\nscopes: [a]\nendpoints: {authorization: https://id.example/a, token: https://id.example/t}\napi: {base_url: https://api.example}\n';
  const { createProvidersDirectory } = await import('../world/providersDirectory.js');
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
  const development = await world.stage.start({ env });
  await expect(start(development)).rejects.toThrow();
  const safe = { NODE_ENV: 'production', PUBLIC_URL: 'https://app.example', TRUST_PROXY: 'loopback' };
  const production = await world.stage.start({ env: { ...env, ...safe } });
  expect((await start(production)).status).toBe(302);
  expect(production.child.exitCode).toBeNull();
  await providers.remove();
}, 30_000);
