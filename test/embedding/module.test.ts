import { readFileSync } from 'node:fs';
import { get as ask, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import ts from 'typescript';
import { problems } from '../../src/errors.js';
import { startWorld, type World } from '../world/world.js';

const allowed = 'http://localhost:5173';
let world: World;
let alone: World;
beforeAll(async () => {
  [world, alone] = await Promise.all([
    startWorld({ env: { ALLOWED_ORIGINS: allowed, PUBLIC_URL: 'http://localhost:4998/gate' } }),
    startWorld(),
  ]);
});
afterAll(() => Promise.all([world.close(), alone.close()]));

describe.each([
  ['/gatehouse.js', 'text/javascript; charset=utf-8'],
  ['/gatehouse.d.ts', 'application/typescript; charset=utf-8'],
])('%s', (path, type) => {
  test('is served with and without the path of PUBLIC_URL, to anybody, and starts nothing', async () => {
    for (const address of [path, `/gate${path}`]) {
      const { status, headers, setCookies } = await world.browser.get(address);
      expect([status, headers['content-type'], setCookies]).toEqual([200, type, []]);
      expect(headers['x-content-type-options']).toBe('nosniff');
    }
  });

  test('is asked about each time, and answered with 304 while it is the same', async () => {
    const { headers } = await alone.browser.get(path);
    expect(headers['cache-control']).toBe('no-cache');
    expect(headers.etag).toMatch(/^"[\w-]{27}"$/);
    const again = await alone.browser.get(path, { headers: { 'if-none-match': String(headers.etag) } });
    expect([again.status, again.text, again.headers.etag]).toEqual([304, '', headers.etag]);
    const changed = await alone.browser.get(path, { headers: { 'if-none-match': '"another"' } });
    expect(changed.status).toBe(200);
  });

  test('may be loaded by an allowed origin and by no other', async () => {
    const ask = (from: World, origin: string) => from.browser.get(path, { headers: { origin } });
    const { headers } = await ask(world, allowed);
    expect(headers['access-control-allow-origin']).toBe(allowed);
    expect(headers['cross-origin-resource-policy']).toBe('same-site');
    expect(headers.vary).toMatch(/\borigin\b/i);
    for (const [from, origin] of [
      [world, 'http://localhost:9'],
      [alone, allowed],
    ] as const) {
      const refused = await ask(from, origin);
      expect(refused.headers).not.toHaveProperty('access-control-allow-origin');
    }
    expect((await ask(alone, allowed)).headers['cross-origin-resource-policy']).toBe('same-origin');
  });
});

/** As sent: the browser of the tests asks for no coding. */
async function fetchBytes(url: URL, headers: Record<string, string>) {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    ask(url, { headers }, resolve).on('error', reject);
  });
  return { status: answer.statusCode, headers: answer.headers, body: await buffer(answer) };
}

test('the module is a few kilobytes', async () => {
  const { text } = await alone.browser.get('/gatehouse.js');
  expect(Buffer.byteLength(text)).toBeLessThan(13_500);
  expect(gzipSync(text).length).toBeLessThan(5_600);
});

test('the module is sent compressed to those who say that they can read it, each form with a fingerprint of its own', async () => {
  const get = (coding: string, more: Record<string, string> = {}) =>
    fetchBytes(new URL('/gatehouse.js', alone.browser.base), { 'accept-encoding': coding, ...more });
  const [plain, gzip, brotli] = await Promise.all(['identity', 'gzip', 'gzip, deflate, br'].map((each) => get(each)));
  expect([plain, gzip, brotli].map((each) => each!.headers['content-encoding'])).toEqual([undefined, 'gzip', 'br']);
  expect([plain, gzip, brotli].every((each) => /accept-encoding/i.test(each!.headers.vary ?? ''))).toBe(true);
  expect(brotli!.body.length).toBeLessThan(4_900);
  expect(gunzipSync(gzip!.body).equals(plain!.body)).toBe(true);
  expect(brotliDecompressSync(brotli!.body).equals(plain!.body)).toBe(true);
  expect(new Set([plain, gzip, brotli].map((each) => each!.headers.etag)).size).toBe(3);
  const again = await get('br', { 'if-none-match': String(brotli!.headers.etag) });
  expect([again.status, again.body.length]).toEqual([304, 0]);
});

test('the module imports nothing and evaluates no text', async () => {
  const { text } = await alone.browser.get('/gatehouse.js');
  expect(text).not.toMatch(/\bimport\b(?!\.meta\.url)|innerHTML|document\.write|\beval\(|new Function|localStorage/m);
});

test('the types stand alone, name what the module exports, and know every error code', async () => {
  const [types, code] = await Promise.all(['/gatehouse.d.ts', '/gatehouse.js'].map((path) => alone.browser.get(path)));
  const options = { lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'], types: [], strict: true, noEmit: true };
  const host = ts.createCompilerHost(options);
  const read = host.getSourceFile.bind(host);
  host.getSourceFile = (name, ...rest) =>
    name === 'gatehouse.d.ts' ? ts.createSourceFile(name, types!.text, ts.ScriptTarget.ES2022) : read(name, ...rest);
  const program = ts.createProgram(['gatehouse.d.ts'], options, host);
  expect(ts.getPreEmitDiagnostics(program).map(({ messageText }) => messageText)).toEqual([]);
  const checker = program.getTypeChecker();
  const exported = checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile('gatehouse.d.ts')!)!);
  const named = [...code!.text.matchAll(/\bexport ?\{([^}]*)\}/g)].flatMap(([, names = '']) =>
    names.split(',').map((name) => name.trim().split(' as ').at(-1)!),
  );
  const values = exported.filter((symbol) => {
    const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    return (target.flags & ts.SymbolFlags.Value) !== 0;
  });
  expect(values.map(({ name }) => name).sort()).toEqual(named.sort());

  const source = readFileSync(new URL('../../src/client/types.ts', import.meta.url), 'utf8');
  const [, union = ''] = /type ProblemCode =([\s\S]*?);/.exec(source) ?? [];
  expect([...union.matchAll(/'(\w+)'/g)].map(([, name]) => name).sort()).toEqual(Object.keys(problems).sort());
});

test('an attempt from a script needs the header that no foreign page can send', async () => {
  const json = { popup_id: 'a'.repeat(22) };
  const ask = (headers: Record<string, string>) =>
    alone.browser.newBrowser().post('/connect/acme', { json, accept: 'application/json', headers });
  expect((await ask({})).status).toBe(403);
  const { status, json: body } = await ask({ 'x-csrf': '1' });
  expect([status, Object.keys(body as object)]).toEqual([200, ['authorize_url']]);
});
