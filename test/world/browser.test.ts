import { expect, test } from '@jest/globals';
import { createBrowser } from './browser.js';
import { createCookieJar } from './cookie-jar.js';
import { parseForms } from './forms.js';
import { htmlReply } from './reply.js';
import { startUpstream } from './upstream.js';
import type { Upstream } from './upstream.js';

async function withUpstream(work: (upstream: Upstream) => Promise<void>): Promise<void> {
  const upstream = await startUpstream();
  try {
    await work(upstream);
  } finally {
    await upstream.close();
  }
}

const here = new URL('http://app.test/connect/acme');

test('a cookie is sent back to its host and path alone', () => {
  const jar = createCookieJar();
  jar.receive('sid=1; Path=/connect', here);
  expect(jar.header(new URL('http://app.test/connect/other'))).toBe('sid=1');
  expect(jar.header(new URL('http://app.test/connected'))).toBeUndefined();
  expect(jar.header(new URL('http://sub.app.test/connect'))).toBeUndefined();
  expect(jar.header(new URL('http://app.test:8080/connect'))).toBe('sid=1');
});

test('a cookie without a path belongs to the folder it came from', () => {
  const jar = createCookieJar();
  jar.receive('sid=1', here);
  expect(jar.header(new URL('http://app.test/connect/x'))).toBe('sid=1');
  expect(jar.header(new URL('http://app.test/'))).toBeUndefined();
});

test('a cookie ends with its Max-Age, and at once with Max-Age=0', () => {
  let time = 0;
  const jar = createCookieJar({ now: () => time });
  jar.receive('sid=1; Path=/; Max-Age=10', here);
  time = 9_999;
  expect(jar.header(here)).toBe('sid=1');
  time = 10_000;
  expect(jar.header(here)).toBeUndefined();
  jar.receive('sid=2; Path=/', here);
  jar.receive('sid=; Path=/; Max-Age=0', here);
  expect(jar.header(here)).toBeUndefined();
});

test('a cookie ends with Expires, over which Max-Age wins', () => {
  const jar = createCookieJar();
  jar.receive('a=1; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT', here);
  jar.receive('b=1; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=60', here);
  expect(jar.header(here)).toBe('b=1');
});

test('a Secure cookie is refused over plain http unless the context is secure', () => {
  expect(createCookieJar().receive('sid=1; Secure', here)).toBe(false);
  expect(createCookieJar({ secureContext: true }).receive('sid=1; Secure', here)).toBe(true);
});

test('a __Host- cookie is kept only as its name promises', () => {
  const url = new URL('https://app.test/');
  const jar = createCookieJar();
  expect(jar.receive('__Host-sid=1; Path=/', url)).toBe(false);
  expect(jar.receive('__Host-sid=1; Path=/x; Secure', url)).toBe(false);
  expect(jar.receive('__Host-sid=1; Path=/; Secure; Domain=app.test', url)).toBe(false);
  expect(jar.receive('__Host-sid=1; Path=/; Secure; HttpOnly; SameSite=Lax', url)).toBe(true);
  expect(jar.all()[0]).toMatchObject({ httpOnly: true, sameSite: 'Lax', hostOnly: true });
});

test('a __Secure- cookie is kept only when it is Secure', () => {
  const url = new URL('https://app.test/');
  expect(createCookieJar().receive('__Secure-sid=1; Path=/', url)).toBe(false);
  expect(createCookieJar().receive('__Secure-sid=1; Path=/; Secure', url)).toBe(true);
});

test('a cookie for a foreign domain is refused', () => {
  expect(createCookieJar().receive('sid=1; Domain=evil.test', here)).toBe(false);
});

test('two tabs share cookies and another browser has none', async () => {
  await withUpstream(async (upstream) => {
    upstream.answer('/set', { headers: { 'set-cookie': ['sid=1; Path=/', 'other=2; Path=/'] } });
    const browser = createBrowser(upstream.origin);
    await browser.get('/set');
    await browser.newTab().get('/x');
    expect(upstream.last.headers.cookie).toBe('sid=1; other=2');
    await browser.newBrowser().get('/x');
    expect(upstream.last.headers.cookie).toBeUndefined();
    browser.setCookie('sid', 'planted');
    expect(browser.cookie('sid')?.value).toBe('planted');
  });
});

test('a navigation follows redirects across hosts and says how far it has come', async () => {
  await withUpstream(async (first) => {
    await withUpstream(async (second) => {
      first.answer('/start', {
        status: 302,
        headers: { location: `${second.origin}/middle`, 'set-cookie': 'a=1; Path=/' },
      });
      second.answer('/middle', { status: 303, headers: { location: `${first.origin}/end` } });
      const browser = createBrowser('http://localhost:1');
      const answer = await browser.navigate(`${first.origin}/start`, { from: browser.base });
      expect(answer.url.href).toBe(`${first.origin}/end`);
      expect(first.last.headers).toMatchObject({
        'sec-fetch-site': 'cross-site',
        'sec-fetch-mode': 'navigate',
        cookie: 'a=1',
      });
      await browser.navigate(`${first.origin}/start`);
      expect(first.last.headers['sec-fetch-site']).toBe('none');
    });
  });
});

test('a navigation turns a POST into a GET at 303 and keeps it at 307, without an origin once it left', async () => {
  await withUpstream(async (upstream) => {
    upstream.answer('/307', { status: 307, headers: { location: '/there' } });
    upstream.answer('/303', { status: 303, headers: { location: '/there' } });
    const browser = createBrowser(upstream.origin);
    const post = { method: 'POST', form: { a: 'b' }, from: browser.base };
    await browser.navigate('/307', post);
    expect(upstream.last).toMatchObject({ method: 'POST', headers: { origin: upstream.origin } });
    expect(upstream.last.body.toString()).toBe('a=b');
    await browser.navigate('/303', post);
    expect(upstream.last).toMatchObject({ method: 'GET', length: 0 });
    upstream.answer('/away', { status: 307, headers: { location: `http://localhost:${upstream.port}/there` } });
    await browser.navigate('/away', post);
    expect(upstream.last.headers).toMatchObject({ origin: 'null', 'sec-fetch-site': 'cross-site' });
  });
});

test('a form is sent with its hidden fields, its defaults and the button that was pressed', async () => {
  await withUpstream(async (upstream) => {
    const html = `<form action="/first"></form><!-- <form id="none"></form> -->
      <form id="real" method="post" action="/send?x=1&amp;y=2">
      <input type="hidden" name="csrf_token" value="a&quot;b"><input name="login"><input type=radio name=c value=1>
      <input type=radio name=c value=2 checked><input type="checkbox" name="no"><input disabled name="off" value="1">
      <select name="s"><option value="1">One<option value="2" selected>Two</select><textarea name="t">x</textarea>
      <button name="decision" value="allow">Allow</button><button name="decision" value="deny">Refuse</button></form>`;
    upstream.answer('/page', htmlReply(html));
    const browser = createBrowser(upstream.origin);
    const page = await browser.navigate('/page');
    await browser.submit(page, { which: 'real', button: 'Refuse', values: { login: 'jo' } });
    expect(upstream.last.url).toBe('/send?x=1&y=2');
    expect(upstream.last.headers).toMatchObject({ origin: upstream.origin, 'sec-fetch-site': 'same-origin' });
    expect(upstream.last.body.toString()).toBe('csrf_token=a%22b&login=jo&c=2&s=2&t=x&decision=deny');
    expect(parseForms(html)).toHaveLength(2);
  });
});

test('the front end adds X-CSRF, and a bare request adds nothing', async () => {
  await withUpstream(async (upstream) => {
    const browser = createBrowser(upstream.origin);
    await browser.api.delete('/x');
    expect(upstream.last.headers).toMatchObject({ 'x-csrf': '1', origin: upstream.origin, accept: 'application/json' });
    await browser.post('/x', { json: { a: 1 } });
    expect(upstream.last.headers['x-csrf']).toBeUndefined();
    expect(upstream.last.headers.origin).toBeUndefined();
    expect(upstream.last.headers['content-type']).toBe('application/json');
  });
});

test('a route sends one origin to another listener under the name it was asked for', async () => {
  await withUpstream(async (upstream) => {
    const browser = createBrowser('https://app.test', { routes: { 'https://app.test': upstream.origin } });
    upstream.answer('/set', { headers: { 'set-cookie': '__Host-sid=1; Path=/; Secure' } });
    await browser.get('/set');
    await browser.get('/x');
    expect(upstream.last.headers).toMatchObject({ host: 'app.test', cookie: '__Host-sid=1' });
  });
});
