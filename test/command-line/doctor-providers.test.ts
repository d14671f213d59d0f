import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { RequestListener } from 'node:http';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { makeCertificates } from '../world/certificates.js';
import { freePort, listen } from '../world/listen.js';
import { startDoctorWorld, type DoctorWorld } from './doctor-world.js';

let world: DoctorWorld;
beforeAll(async () => {
  world = await startDoctorWorld();
});
afterEach(() => world.server.reset());
afterAll(() => world.close());

test('an issuer that names itself otherwise is a problem', async () => {
  world.server.bend.discovery = { body: { issuer: 'https://somebody.else.test/' } };
  const { code, problems } = await world.examine();
  expect(code).toBe(1);
  expect(problems).toMatchObject([
    { provider: 'acme', what: expect.stringContaining('its published issuer is another one') },
  ]);
});

test('an issuer that answers with an error is a problem that tells how it answers', async () => {
  world.server.bend.discovery = { reply: { status: 503 } };
  const { problems } = await world.examine();
  expect(problems).toMatchObject([
    {
      provider: 'acme',
      where: expect.stringContaining('/.well-known/'),
      what: expect.stringContaining('it answers 503'),
    },
  ]);
});

test('an endpoint that nobody listens at is named, and so is one that is not there', async () => {
  const port = await freePort();
  const { issuer, base } = world.server;
  const files = await world.withFile({
    extends: 'generic-oidc',
    issuer,
    endpoints: { token: `http://127.0.0.1:${port}/token`, revocation: `${base}/elsewhere` },
    api: { base_url: world.server.origin },
  });
  const { code, problems, warnings } = await world.examine(files);
  expect(code).toBe(1);
  expect(problems).toMatchObject([
    { where: `http://127.0.0.1:${port}/token`, what: 'its token endpoint cannot be reached (ECONNREFUSED)' },
  ]);
  expect(warnings).toMatchObject([{ where: `${base}/elsewhere`, what: expect.stringContaining('404') }]);
});

const oauth2 = (origin: string) => ({
  extends: 'generic-oauth2',
  endpoints: { authorization: `${origin}/authorize`, token: `${origin}/token` },
  api: { base_url: `${origin}/api` },
});

/** https with a certificate of an authority that only those believe who are told to. */
async function listenTls(answer: RequestListener, files: { certFile: string; keyFile: string }) {
  const server = createServer({ cert: readFileSync(files.certFile), key: readFileSync(files.keyFile) }, answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { origin: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
}

test('a certificate that nobody vouches for is a problem, and one that ends in two days a warning', async () => {
  const { files, remove } = makeCertificates();
  const { origin, close } = await listenTls((_req, res) => res.end('{}'), files);
  try {
    const provider = await world.withFile(oauth2(origin));
    const host = new URL(origin).host;
    const { code, problems } = await world.examine(provider);
    expect(code).toBe(1);
    expect(problems).toMatchObject([{ where: host, what: expect.stringContaining('certificate is not believed') }]);
    const vouched = await world.examine({ ...provider, NODE_EXTRA_CA_CERTS: files.caFile });
    expect(vouched.problems).toEqual([]);
    expect(vouched.warnings).toMatchObject([{ where: host, what: expect.stringMatching(/expires in [12] days/) }]);
  } finally {
    close();
    remove();
  }
});

test.each([
  [90, 'problem', 'ahead of'],
  [-90, 'problem', 'behind'],
  [20, 'warning', 'ahead of'],
])('an issuer whose clock is off by %i s is a %s', async (seconds, level, word) => {
  const { origin, close } = await listen((_req, res) => {
    res.setHeader('Date', new Date(Date.now() + seconds * 1000).toUTCString());
    res.end('{}');
  });
  try {
    const { findings } = await world.examine(await world.withFile(oauth2(origin)));
    const found = findings.filter(({ what }) => what.includes('clock is') && what.includes(word));
    expect(found).toMatchObject([{ level, provider: 'acme', where: origin }]);
  } finally {
    await close();
  }
});

test('production without a provider is a problem, development without one a note', async () => {
  const none = { ACME_CLIENT_ID: '', ACME_CLIENT_SECRET: '' };
  const { findings } = await world.examine(none);
  expect(findings).toContainEqual(expect.objectContaining({ check: 'Providers', level: 'note' }));
  const { problems } = await world.examine({ ...none, NODE_ENV: 'production', PUBLIC_URL: 'https://gate.invalid' });
  expect(problems).toMatchObject([{ check: 'Providers', what: 'none is on offer' }]);
});
