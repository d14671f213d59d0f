import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startSessionWorld, type SessionWorld } from './session-world.js';

interface Example {
  ownerAssertion(user: string, secret: string): string;
  bindOwner(gatehouse: string, assertion: string): Promise<{ session: { active: boolean } }>;
}

const guide = fileURLToPath(new URL('../../docs/embedding-owner.md', import.meta.url));
const secret = randomBytes(32).toString('base64');

let world: SessionWorld;
let folder: string;
let example: Example;
beforeAll(async () => {
  world = await startSessionWorld({ OWNER_SECRET: secret, OWNER_AUDIENCE: 'gatehouse' });
  folder = await mkdtemp(join(tmpdir(), 'guide-'));
  const blocks = [...(await readFile(guide, 'utf8')).matchAll(/```js\n([\s\S]*?)```/g)].map(([, code]) => code);
  await writeFile(join(folder, 'example.mjs'), blocks.join('\n'));
  example = (await import(join(folder, 'example.mjs'))) as Example;
});
afterAll(async () => {
  await world.close();
  await rm(folder, { recursive: true });
});

test('the example of the guide makes an assertion that is taken, once', async () => {
  const assertion = example.ownerAssertion('ann', secret);
  const body = await example.bindOwner(world.app.url, assertion);
  expect(body.session.active).toBe(true);
  await expect(example.bindOwner(world.app.url, assertion)).rejects.toThrow('invalid_request');
  const browser = await world.connected('acme');
  for (const [user, status] of [
    ['ann', 'connected'],
    ['bob', 'not_connected'],
  ] as const) {
    const json = { assertion: example.ownerAssertion(user, secret) };
    expect((await browser.api.put('/api/session/owner', { json })).json).toMatchObject({ connections: [{ status }] });
  }
});
