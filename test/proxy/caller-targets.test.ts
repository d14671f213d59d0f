import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { startRawWorld, type RawPerson, type RawWorld } from './raw-world.js';
import type { SeenAnswer } from './seen-answers.js';

let world: RawWorld;
let jo: RawPerson;
beforeAll(async () => {
  world = await startRawWorld();
  jo = await world.person('o1');
});
beforeEach(() => {
  world.reached.length = 0;
});
afterAll(() => world.close());

/** The last answer to a request with this line, from jo. */
async function call(line: string): Promise<SeenAnswer> {
  const answers = await world.send(`${line}\r\n${jo.identity}Connection: close\r\n\r\n`);
  return answers.at(-1)!;
}

test.each([
  ['/proxy/acme', '/v1'],
  ['/proxy/acme/', '/v1'],
  ['/proxy/acme?', '/v1?'],
  ['/proxy/acme/?', '/v1?'],
  ['/proxy/acme/x??a', '/v1/x??a'],
  ['/proxy/acme//x//y/', '/v1//x//y/'],
  ['/proxy/acme/a%2Fb%5Cc%23d%20', '/v1/a%2Fb%5Cc%23d%20'],
  ['/proxy/acme/%C3%A9', '/v1/%C3%A9'],
  ['/proxy/acme/http://evil.test/', '/v1/http://evil.test/'],
  ['/proxy/acme/@evil.test:80', '/v1/@evil.test:80'],
  ['/proxy/acme/*', '/v1/*'],
  ['/proxy/acme/x?q=%00%0d%0a\\[]{}|^"<>`\'&q=&&=', '/v1/x?q=%00%0d%0a\\[]{}|^"<>`\'&q=&&='],
  ['http://evil.test/proxy/acme/x', '/v1/x'],
  ['HTTPS://evil.test:99/proxy/acme/x?y', '/v1/x?y'],
  ['http://u:p@evil.test/proxy/acme/x', '/v1/x'],
  [`/proxy/acme/${'a'.repeat(15_000)}`, `/v1/${'a'.repeat(15_000)}`],
])('the target %s reaches the API as it is meant', async (target, reached) => {
  expect(await call(`GET ${target} HTTP/1.1`)).toMatchObject({ status: 200, source: 'upstream' });
  expect(world.lines()).toEqual([`GET ${reached} HTTP/1.1`]);
});

test.each([
  [400, '/proxy/acme/..'],
  [400, '/proxy/acme/%2e%2e/x'],
  [400, '/proxy/acme/.%2E/x'],
  [400, '/proxy/acme/%252e%252e/x'],
  [400, '/proxy/acme/\\x'],
  [400, '/proxy/acme/#x'],
  [400, '/proxy/acme/x?a#b'],
  [400, '/proxy/acme/x y'],
  [400, '/proxy/acme/\xe9'],
  [400, '/proxy/acme/x?\xe9'],
  [400, '/proxy/acme/%0d%0aX:y'],
  [400, 'http:///proxy/acme/x'],
  [400, 'http:/proxy/acme/x'],
  [400, 'ftp://evil.test/proxy/acme/x'],
  [400, 'evil.test:80'],
  [400, '?x'],
  [400, ''],
  [404, '*'],
  [404, '//proxy/acme/x'],
  [404, '//evil.test/proxy/acme/x'],
  [404, '/./proxy/acme/x'],
  [404, '/x/../proxy/acme/x'],
  [404, '/%70roxy/acme/x'],
  [404, '/PROXY/acme/x'],
  [404, '/proxy\\acme/x'],
  [404, '/proxy'],
  [404, '/proxy/'],
  [404, '/proxy//acme/x'],
  [404, '/proxy/ACME/x'],
  [404, '/proxy/%61cme/x'],
  [404, '/proxy/acme%2fx'],
  [404, '/proxy/acme;x/y'],
  [404, '/proxy/acme\\x'],
  [404, '/proxy/acme#x'],
  [404, '/proxy/__proto__/x'],
  [404, '/proxy/constructor/x'],
])('%i for the target %s, and the API is not asked', async (status, target) => {
  expect(await call(`GET ${target} HTTP/1.1`)).toMatchObject({ status, whole: true });
  expect(world.lines()).toEqual([]);
});

test.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'])(
  'the method %s reaches the API',
  async (method) => {
    expect(await call(`${method} /proxy/acme/x HTTP/1.1`)).toMatchObject({
      status: 200,
      source: 'upstream',
      whole: true,
    });
    expect(world.lines()).toEqual([`${method} /v1/x HTTP/1.1`]);
  },
);

test.each([
  [405, 'TRACE /proxy/acme/x HTTP/1.1'],
  [405, 'PURGE /proxy/acme/x HTTP/1.1'],
  [405, 'QUERY /proxy/acme/x HTTP/1.1'],
  [405, 'PROPFIND /proxy/acme/x HTTP/1.1'],
  [405, 'M-SEARCH /proxy/acme/x HTTP/1.1'],
  [405, 'CONNECT /proxy/acme/x HTTP/1.1'],
  [405, 'CONNECT evil.test:443 HTTP/1.1'],
  [404, 'OPTIONS * HTTP/1.1'],
  [400, 'FOO /proxy/acme/x HTTP/1.1'],
  [400, 'get /proxy/acme/x HTTP/1.1'],
  [400, 'PRI * HTTP/2.0'],
  [400, 'GET /proxy/acme/x HTTP/2.0'],
  [400, 'GET /proxy/acme/x HTTP/0.9'],
  [400, 'GET /proxy/acme/x HTTP/1.2'],
  [400, 'GET /proxy/acme/x http/1.1'],
  [400, 'GET /proxy/acme/x'],
  [400, 'GET /proxy/acme/x  HTTP/1.1 x'],
])('%i for the line %s, and the API is not asked', async (status, line) => {
  expect(await call(line)).toMatchObject({ status, whole: true });
  expect(world.lines()).toEqual([]);
});
