import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { codeOf, startConnectWorld, type ConnectWorld } from '../connect/world.js';
import { withoutId } from '../world/without-id.js';

const front = 'http://app.localhost:5173';
let world: ConnectWorld;

beforeAll(async () => {
  world = await startConnectWorld({ env: { ALLOWED_ORIGINS: front } });
});
afterAll(() => world.close());

const start = (value: string) =>
  world.newBrowser().get(`/connect/acme?return_to=${value}`, { accept: 'application/json' });
const landing = async (value: string) => {
  const answer = await world.connect(world.newBrowser(), 'acme', { return_to: value });
  // Without a fragment of its own it ends in an empty one, so that the provider's is not inherited.
  return withoutId(answer.headers.location).replace(/#$/, '');
};

describe('a return_to that could lead elsewhere starts nothing', () => {
  const own = () => new URL(world.app.url);
  test.each<[string, (() => string) | string]>([
    ['two slashes', '//evil.test'],
    ['three slashes', '///evil.test'],
    ['four slashes', '////evil.test'],
    ['slash and backslash', '/\\evil.test'],
    ['two backslashes', '\\\\evil.test'],
    ['backslash and slash', '\\/evil.test'],
    ['another origin', 'https://evil.test'],
    ['a scheme without slashes', 'https:evil.test'],
    ['a scheme with one slash', 'http:/evil.test'],
    ['a scheme with backslashes', 'http:\\\\evil.test'],
    ['a script', 'javascript:alert(1)'],
    ['a script in capitals, after a tab', '\tJaVaScRiPt:alert(1)'],
    ['data', 'data:text/html,x'],
    ['our origin as a user name', () => `${world.app.url}@evil.test`],
    ['our origin as a user name and password', () => `http://${own().host}:x@evil.test`],
    ['a user name before our origin', () => `http://evil.test@${own().host}/`],
    ['our origin as the beginning of another', () => `${own().protocol}//${own().hostname}.evil.test`],
    ['another port', () => `http://${own().hostname}:444/`],
    ['another scheme', () => `https://${own().host}/`],
    ['the address instead of the name', () => `http://127.0.0.1:${own().port}/`],
    ['an allowed origin as a user name', `${front}@evil.test`],
    ['an allowed origin with another port', 'http://app.localhost:5174/'],
    ['a space before', ' //evil.test'],
    ['a space before a path', ' /app'],
    ['a tab between the slashes', '/\t/evil.test'],
    ['a line break between the slashes', '/\n/evil.test'],
    ['a tab before the slashes', '\t//evil.test'],
    ['control characters before', '\u0000//evil.test'],
    ['encoded slashes without a path', '%2f%2fevil.test'],
    ['nothing', ''],
    ['no path', 'app/page'],
    ['a query alone', '?next=/'],
    ['a port that is none', () => `http://${own().hostname}:99999/`],
    ['an unfinished address', 'http://['],
    ['a dot segment before two slashes', '/.//evil.test'],
    ['an encoded dot segment before slashes', '/%2e////evil.test//'],
    ['a parent segment before two slashes', '/..//evil.test'],
    ['an encoded parent segment before two slashes', '/%2E%2e//evil.test'],
    ['a folder and its parent before two slashes', '/x/..//evil.test'],
    ['a dot segment before a backslash', '/.\\/evil.test'],
    ['a tab between a dot segment and slashes', '/.\t//evil.test'],
    ['two slashes at our own address', () => `${world.app.url}//evil.test`],
    ['a dot segment before two slashes at our own address', () => `${world.app.url}/.//evil.test`],
    ['two slashes at an allowed origin', `${front}//evil.test`],
    ['a parent segment before two slashes at an allowed origin', `${front}/x/..//evil.test`],
  ])('%s', async (_name, given) => {
    const value = typeof given === 'string' ? given : given();
    const answer = await start(encodeURIComponent(value));
    expect([answer.status, codeOf(answer), answer.setCookies]).toEqual([400, 'invalid_return_to', []]);
    expect(answer.text).not.toContain('evil.test');
    const post = await world.newBrowser().api.post('/connect/acme', { json: { return_to: value } });
    expect([post.status, codeOf(post), post.setCookies]).toEqual([400, 'invalid_return_to', []]);
  });

  test('two of them', async () => {
    const answer = await start('/a&return_to=/b');
    expect([answer.status, codeOf(answer), answer.setCookies]).toEqual([400, 'invalid_return_to', []]);
  });
});

describe('a return_to that stays is kept', () => {
  test.each([
    ['/app/page?next=https://x#frag', '/app/page?next=https://x&connected=acme#frag'],
    ['/', '/?connected=acme'],
    ['/app?', '/app?connected=acme'],
    ['/app#/route?x=1', '/app?connected=acme#/route?x=1'],
    ['/app?a=b%20c+d&e=%2F&f', '/app?a=b%20c+d&e=%2F&f&connected=acme'],
    ['/%2f/evil.test', '/%2f/evil.test?connected=acme'],
    ['/a//b', '/a//b?connected=acme'],
    ['/@evil.test', '/@evil.test?connected=acme'],
    ['/app?connected=books&connect_error=access_denied&x=1', '/app?x=1&connected=acme'],
  ])('%s', async (given, expected) => {
    expect(await landing(given)).toBe(world.app.url + expected);
  });

  test('with encoded line breaks adds no header', async () => {
    const answer = await world.connect(world.newBrowser(), 'acme', { return_to: '/x\r\nSet-Cookie:a=1' });
    expect(answer.location?.origin).toBe(world.app.url);
    expect(answer.setCookies.join()).not.toContain('a=1');
  });

  test('at our own address, or at an allowed one', async () => {
    expect(await landing(`${world.app.url}/app`)).toBe(`${world.app.url}/app?connected=acme`);
    expect(await landing(`${front}/app#x`)).toBe(`${front}/app?connected=acme#x`);
  });

  test('and without one the home page is where it ends', async () => {
    const answer = await world.connect(world.newBrowser());
    expect(withoutId(answer.headers.location)).toBe(`${world.app.url}/?connected=acme#`);
  });

  test('of more than 2,048 characters is not kept: the person connects, and comes home', async () => {
    for (const long of [`/${'x'.repeat(2048)}`, `https://evil.test/${'x'.repeat(2048)}`])
      expect(await landing(long)).toBe(`${world.app.url}/?connected=acme`);
    expect(await landing(`/${'x'.repeat(2047)}`)).toBe(`${world.app.url}/${'x'.repeat(2047)}?connected=acme`);
  });

  test('does not let a caller pretend an outcome', async () => {
    world.acme.bend.token = { reply: { status: 500 } };
    const answer = await world.connect(world.newBrowser(), 'acme', {
      return_to: '/app?connected=acme&request_id=mine&c%6fnnected=acme',
    });
    world.acme.reset();
    expect([...(answer.location?.searchParams ?? [])]).toEqual([
      ['connect_error', 'token_endpoint_unavailable'],
      ['request_id', answer.headers['x-request-id']],
    ]);
  });
});
