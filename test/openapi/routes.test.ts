import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { OpenApi } from '../../src/openapi/document.js';
import type { Answer } from '../world/answer.js';
import { startWorld, type World } from '../world/world.js';
import { methodsOf, operationsIn, servedDocument } from './served.js';

let world: World;
let document: OpenApi;

beforeAll(async () => {
  world = await startWorld();
  document = await servedDocument(world.browser);
});
afterAll(() => world.close());

function ask(method: string, path: string): Promise<Answer> {
  const target = path.replace(/\{(provider|key)\}/, 'acme').replace('{path}', 'deep/below');
  const ownPort = path === '/metrics' ? `http://127.0.0.1:${world.app.metricsPort}` : world.app.url;
  return world.browser.request(method, new URL(target, ownPort), { headers: { 'x-csrf': '1' } });
}

test('each documented address answers the documented methods and refuses another with exactly those', async () => {
  for (const [path, item] of Object.entries(document.paths)) {
    const documented = methodsOf(item).map((method) => method.toUpperCase());
    const other = ['PATCH', 'PUT', 'DELETE', 'TRACE'].find((method) => !documented.includes(method))!;
    const { status, headers } = await ask(other, path);
    const allowed = (headers.allow ?? '').split(', ').filter((method) => method !== 'HEAD');
    expect({ path, status, allowed: allowed.sort() }).toEqual({
      path,
      status: 405,
      allowed: documented.filter((method) => method !== 'HEAD').sort(),
    });
  }
});

test('no documented operation is unknown to the running app', async () => {
  for (const { path, method } of operationsIn(document)) {
    const { status, text } = await ask(method.toUpperCase(), path);
    expect({ path, method, status }).not.toMatchObject({ status: 405 });
    expect({ path, method, text }).not.toMatchObject({ text: expect.stringContaining('nothing at this address') });
  }
});

test('every route of the table of contents is documented', () => {
  const table = readFileSync(new URL('../../src/app.ts', import.meta.url), 'utf8');
  const routes = [...table.matchAll(/(?:\broute\(\w+, |\bapp\.(?:all|get|post|put|patch|delete)\()'([^']+)'/g)];
  const paths = routes.map(([, path = '']) => path.replaceAll(/:(\w+)/g, '{$1}'));
  const elsewhere = ['/proxy/{key}', '/proxy/{key}/{path}', '/metrics'];
  expect(paths.length).toBeGreaterThan(15);
  expect(Object.keys(document.paths).sort()).toEqual([...paths, ...elsewhere].sort());
});

test('the page for people lists every operation, and the footer of the home page leads to it', async () => {
  const home = await world.browser.navigate('/');
  const [, link = ''] = /<footer[\s\S]*?<a href="([^"]+)">API<\/a>/.exec(home.text) ?? [];
  const page = await world.browser.navigate(link, { from: home });
  expect(page.status).toBe(200);
  expect(page.headers['content-type']).toMatch(/^text\/html/);
  const shown = [...page.text.matchAll(/data-methods="([A-Z ]+)">[A-Z ]+<\/span><code>([^<]+)<\/code>/g)];
  const named = shown.flatMap(([, methods = '', path = '']) => methods.split(' ').map((method) => `${method} ${path}`));
  expect(named.sort()).toEqual(
    operationsIn(document)
      .map(({ method, path }) => `${method.toUpperCase()} ${path}`)
      .sort(),
  );
});
