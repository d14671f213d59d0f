import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openApiDocument } from '../../src/openapi/document.js';
import { inspectAnswers } from '../world/our-answers.js';
import { listen } from '../world/listen.js';
import { isOurs } from '../world/our-answers.js';
import { send } from '../world/transport.js';
import { startWorld, type World } from '../world/world.js';
import { answerCheck } from './every-answer.js';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

const document = openApiDocument({ serverUrl: 'http://localhost', cookie: 'gatehouse' });
const check = answerCheck(document);
const problem = (code: string, status: number, more: Record<string, string> = {}) => ({
  status,
  headers: { 'content-type': 'application/problem+json', ...more },
  text: JSON.stringify({ type: `urn:gatehouse:problem:${code}`, title: 'x', status, code }),
});
const asked = (method: string, path: string, answer: Parameters<typeof check>[2]) =>
  check({ method, headers: {} }, path, answer);

test('a client of the tests fails where a server of ours gives an answer that is not documented', async () => {
  const { origin, port, close } = await listen((_req, res) => {
    res.writeHead(200, { 'content-type': 'application/json' }).end('{"token":"x"}');
  });
  const ask = () => send({ method: 'GET', url: new URL('/api/session', origin), headers: {} });
  expect((await ask()).status).toBe(200);
  const forget = isOurs(port, undefined);
  await expect(ask()).rejects.toThrow(/GET \/api\/session goes against the OpenAPI document/);
  forget();
  expect((await ask()).status).toBe(200);
  await close();
});

test('the clients of the world look at every answer of the app, each with its path', async () => {
  const seen: string[] = [];
  const { inspectAnswer } = await import('../world/our-answers.js');
  expect(inspectAnswer).toBeInstanceOf(Function);
  inspectAnswers((request, path, base, { status }) => {
    seen.push(`${request.method} ${path} ${base} ${status}`);
    return Promise.resolve();
  });
  await world.browser.api.get('/api/session');
  await world.browser.navigate('/');
  expect(seen).toEqual(['GET /api/session  200', 'GET /  200']);
});

test.each<[string, string, string, Parameters<typeof check>[2]]>([
  ['a status that is not there', 'GET', '/api/session', { status: 202, headers: {}, text: '' }],
  ['a code that this address never gives', 'GET', '/api/session', problem('reauth_required', 401)],
  ['another media type', 'GET', '/healthz', { status: 200, headers: { 'content-type': 'text/plain' }, text: 'ok' }],
  ['a body where none is documented', 'POST', '/logout', { status: 303, headers: { location: '/' }, text: 'x' }],
  ['a redirect without a place', 'POST', '/logout', { status: 303, headers: {}, text: '' }],
  ['no time to wait at a 503', 'GET', '/api/session', problem('store_unavailable', 503)],
  ['our problem without our mark', 'GET', '/proxy/acme/x', problem('login_required', 401)],
  ['an unknown code at the proxy', 'GET', '/proxy/acme/x', problem('teapot', 418, { 'x-gatehouse-error': 'teapot' })],
  ['an address that is not documented', 'GET', '/debug', { status: 200, headers: {}, text: '' }],
  ['a method that is not documented', 'PATCH', '/api/session', { status: 200, headers: {}, text: '' }],
  ['a preflight with a body', 'OPTIONS', '/api/session', { status: 200, headers: {}, text: 'x' }],
])('it catches %s', (_what, method, path, answer) => {
  const headers = method === 'OPTIONS' ? { 'access-control-request-method': 'PUT' } : {};
  expect(check({ method, headers }, path, answer)).not.toEqual([]);
});

test.each<[string, string, string, Parameters<typeof check>[2]]>([
  [
    'a refusal of ours',
    'GET',
    '/proxy/acme/x',
    problem('login_required', 401, { 'x-gatehouse-error': 'login_required' }),
  ],
  ['whatever the provider says', 'GET', '/proxy/acme/a/b/c', { status: 418, headers: {}, text: 'short and stout' }],
  ['the base of a provider', 'POST', '/proxy/acme', { status: 201, headers: {}, text: '' }],
  ['an address that there is not', 'GET', '/debug', problem('not_found', 404)],
  ['a method that there is not', 'PATCH', '/api/session', problem('method_not_allowed', 405)],
  ['no body at HEAD', 'HEAD', '/healthz', { status: 200, headers: { 'content-type': 'application/json' }, text: '' }],
])('it lets %s pass', (_what, method, path, answer) => {
  expect(asked(method, path, answer)).toEqual([]);
});
