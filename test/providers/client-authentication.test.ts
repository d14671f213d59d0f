import { createPublicKey, generateKeyPairSync, randomUUID, type KeyObject } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeProtectedHeader, jwtVerify } from 'jose';
import { createBrowser } from '../world/browser.js';
import { makeCertificates } from '../world/certificates.js';
import { connect } from '../world/journey.js';
import { clientEnvironment, createProvidersDirectory } from '../world/providers-directory.js';
import { startProcess } from '../world/process.js';
import { jsonReply } from '../world/reply.js';
import { clientSecret, startDialects, type Dialect, type DialectWorld, type Heard } from './dialect-world.js';

const folder = mkdtempSync(join(tmpdir(), 'client-keys-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function written(text: string): string {
  const file = join(folder, randomUUID());
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}
const pem = (key: KeyObject) => written(key.export({ format: 'pem', type: 'pkcs8' }).toString());
const jwk = (key: KeyObject, more: object) => written(JSON.stringify({ ...key.export({ format: 'jwk' }), ...more }));

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const ed = generateKeyPairSync('ed25519').privateKey;
const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;

const byKey = (files: string, assertion?: Record<string, unknown>, more: Partial<Dialect> = {}): Dialect => ({
  file: { client_authentication: 'private_key_jwt', ...(assertion ? { client_assertion: assertion } : {}) },
  secret: null,
  env: { KEY_FILES: files },
  ...more,
});
/** The file's variable is named after the provider. */
const named = (dialects: Record<string, Dialect>) =>
  Object.fromEntries(
    Object.entries(dialects).map(([id, each]) => [
      id,
      { ...each, env: { [`${id.toUpperCase()}_PRIVATE_KEY_FILE`]: each.env?.['KEY_FILES'] ?? '' } },
    ]),
  );

describe('private_key_jwt', () => {
  const knowsOnly = (kid: string) => (heard: Heard) =>
    heard.path === '/token' && decodeProtectedHeader(heard.sent['client_assertion'] ?? '').kid !== kid
      ? jsonReply({ error: 'invalid_client' }, 401)
      : undefined;
  let world: DialectWorld;
  beforeAll(async () => {
    world = await startDialects(
      named({
        rsa: byKey(pem(rsa)),
        ec: byKey(jwk(ec, { kid: 'of-the-file' })),
        ed: byKey(pem(ed), { issuer: 'another', audience: 'https://as.test/audience', key_id: 'k9' }),
        pss: byKey(jwk(rsa, { alg: 'PS256' })),
        changing: byKey(`${pem(ec)}, ${pem(rsa)}`, { key_id: ['new', 'old'] }, { answer: knowsOnly('old') }),
        changed: byKey(`${pem(ec)},${pem(rsa)}`, { key_id: ['new', 'old'] }, { answer: knowsOnly('new') }),
      }),
    );
  });
  afterAll(() => world.close());

  test.each([
    ['rsa', rsa, 'RS256', undefined],
    ['ec', ec, 'ES256', 'of-the-file'],
    ['ed', ed, 'EdDSA', 'k9'],
    ['pss', rsa, 'PS256', undefined],
  ])('%s: each request carries an assertion of its own, and no secret', async (id, key, alg, kid) => {
    const browser = await world.connected(id);
    await browser.api.post(`/api/connections/${id}/refresh`);
    await browser.api.delete(`/api/connections/${id}`);
    const requests = [...world.heard(id, '/token'), ...world.heard(id, '/revoke')];
    expect(requests).toHaveLength(3);
    const [iss, audience] = id === 'ed' ? ['another', 'https://as.test/audience'] : [`client-of-${id}`, undefined];
    const ids = new Set<unknown>();
    for (const { sent, headers } of requests) {
      expect(sent['client_assertion_type']).toBe('urn:ietf:params:oauth:client-assertion-type:jwt-bearer');
      expect([sent['client_secret'], headers['authorization'], sent['client_id']]).toEqual([
        undefined,
        undefined,
        `client-of-${id}`,
      ]);
      const { payload, protectedHeader } = await jwtVerify(sent['client_assertion'] ?? '', createPublicKey(key), {
        issuer: iss,
        subject: `client-of-${id}`,
        audience: audience ?? `${world.origins[id]}/token`,
        algorithms: [alg],
      });
      expect(protectedHeader.kid).toBe(kid);
      expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(120);
      expect(payload.aud).toEqual(expect.any(String));
      ids.add(payload.jti);
    }
    expect(ids.size).toBe(3);
    for (const { sent } of requests) expect(world.app.lines.join('')).not.toContain(sent['client_assertion']);
  });

  test('while keys are changed, a server that does not know the new one is asked with the old one', async () => {
    const browser = await world.connected('changing');
    await browser.api.post('/api/connections/changing/refresh');
    const kids = world
      .heard('changing', '/token')
      .map(({ sent }) => decodeProtectedHeader(sent['client_assertion']!).kid);
    expect(kids).toEqual(['new', 'old', 'old']);
  });

  test('a server that knows the new one sees that one alone', async () => {
    await world.connected('changed');
    const kids = world
      .heard('changed', '/token')
      .map(({ sent }) => decodeProtectedHeader(sent['client_assertion']!).kid);
    expect(kids).toEqual(['new']);
  });
});

test.each<[string, string, RegExp]>([
  ['no file', '', /ACME_PRIVATE_KEY_FILE: it does not name one or two files/],
  ['three files', `${pem(ec)},${pem(ec)},${pem(ec)}`, /one or two files/],
  ['a file that is not there', join(folder, 'none'), /cannot be read/],
  ['no key', written('hello'), /holds no private key that signs/],
  ['a short key', pem(weak), /holds no private key that signs/],
  ['a public key', written(createPublicKey(ec).export({ format: 'pem', type: 'spki' }).toString()), /no private key/],
])('private_key_jwt with %s stops the start, and shows nothing of it', async (_what, files, problem) => {
  const start = startDialects(named({ acme: byKey(files) }));
  await expect(start).rejects.toThrow(problem);
  await start.catch((error: unknown) => expect(String(error)).not.toContain('BEGIN'));
});

test('secret_as_user: HTTP Basic with the secret as user, and an empty password', async () => {
  const world = await startDialects({ acme: { file: { client_authentication: 'secret_as_user' } } });
  await world.connected('acme');
  const [exchange] = world.heard('acme', '/token');
  expect(exchange?.headers['authorization']).toBe(`Basic ${Buffer.from(`${clientSecret}:`).toString('base64')}`);
  expect(exchange?.sent).not.toHaveProperty('client_secret');
  await world.close();
});

describe('tls', () => {
  const certificates = makeCertificates();
  afterAll(() => certificates.remove());
  const { files, elsewhere, stranger } = certificates;
  const text = (file: string) => readFileSync(file, 'utf8');

  /** A server that asks for a certificate, and remembers which one came with each request. */
  async function startMutual() {
    const seen: string[] = [];
    const tls = { cert: text(files.certFile), key: text(files.keyFile), ca: stranger };
    const server = createServer({ ...tls, requestCert: true, rejectUnauthorized: false }, (req, res) => {
      const socket = req.socket as TLSSocket;
      seen.push(`${req.method} ${req.url?.split('?')[0]} ${socket.authorized ? 'ours' : 'nobody'}`);
      req.resume().on('end', () => {
        const tokens = { access_token: `at-${seen.length}`, refresh_token: 'rt', expires_in: 3600, id: '7' };
        res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(tokens));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    return { seen, origin: `https://127.0.0.1:${port}`, close: () => server.close() };
  }

  test('the certificate is shown to the authorization server, and to the API where the file says so', async () => {
    const mutual = await startMutual();
    // The browser's own part of the journey needs no certificate.
    const plain = await startDialects({ front: {} });
    const file = (id: string, more: object, api: object) =>
      JSON.stringify({
        id,
        endpoints: {
          authorization: `${plain.origins['front']}/authorize`,
          token: `${mutual.origin}/${id}/token`,
          revocation: `${mutual.origin}/${id}/revoke`,
        },
        api: { base_url: `${mutual.origin}/${id}/api`, ...api },
        account: { source: 'api', request: { path: '/me' }, subject: 'id', label: ['id'] },
        ...more,
      });
    const directory = await createProvidersDirectory({
      both: file('both', { client_authentication: 'tls' }, { certificate: true }),
      server: file('server', { client_authentication: 'tls' }, {}),
      api: file('api', {}, { certificate: true }),
      none: file('none', {}, {}),
    });
    const one = written(text(elsewhere.certFile) + text(elsewhere.keyFile));
    const process = await startProcess({
      PROVIDERS_DIR: directory.path,
      NODE_EXTRA_CA_CERTS: files.caFile,
      BOTH_CLIENT_ID: 'c',
      BOTH_CERTIFICATE_FILE: one,
      ...clientEnvironment('server', 'c'),
      SERVER_CERTIFICATE_FILE: elsewhere.certFile,
      SERVER_PRIVATE_KEY_FILE: elsewhere.keyFile,
      ...clientEnvironment('api', 'c', 's3cret-of-the-client'),
      API_CERTIFICATE_FILE: one,
      ...clientEnvironment('none', 'c', 'another-of-the-client'),
    });
    try {
      for (const id of ['both', 'server', 'api', 'none']) {
        const browser = createBrowser(process.url);
        const { finalUrl } = await connect(browser, id);
        expect(finalUrl.search).toContain(`connected=${id}`);
        expect((await browser.api.get(`/proxy/${id}/items`)).status).toBe(200);
        expect((await browser.api.post(`/api/connections/${id}/refresh`)).status).toBe(200);
        await browser.api.delete(`/api/connections/${id}`);
      }
    } finally {
      await process.stop();
      await Promise.all([plain.close(), directory.remove()]);
      mutual.close();
    }
    const who = (id: string, path: string) =>
      new Set(mutual.seen.filter((each) => each.includes(`/${id}/${path}`)).map((each) => each.split(' ')[2]));
    const table = ['both', 'server', 'api', 'none'].map((id) => [
      id,
      ...['token', 'revoke', 'api/me', 'api/items'].map((path) => [...who(id, path)].join(' ')),
    ]);
    expect(table).toEqual([
      ['both', 'ours', 'ours', 'ours', 'ours'],
      ['server', 'ours', 'ours', 'nobody', 'nobody'],
      ['api', 'nobody', 'nobody', 'ours', 'ours'],
      ['none', 'nobody', 'nobody', 'nobody', 'nobody'],
    ]);
  });

  test.each<[string, Record<string, string>, RegExp]>([
    ['no certificate', {}, /ACME_CERTIFICATE_FILE: it is not set/],
    ['a certificate without its key', { ACME_CERTIFICATE_FILE: elsewhere.certFile }, /cannot be used together/],
    [
      'the key of another certificate',
      { ACME_CERTIFICATE_FILE: elsewhere.certFile, ACME_PRIVATE_KEY_FILE: files.keyFile },
      /cannot be used together/,
    ],
  ])('with %s the start is refused', async (_what, env, problem) => {
    const dialect = { file: { client_authentication: 'tls' }, secret: null, env };
    await expect(startDialects({ acme: dialect })).rejects.toThrow(problem);
  });
});
