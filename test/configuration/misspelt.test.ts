import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startDoctorWorld, type DoctorWorld } from '../command-line/doctor-world.js';
import { startApp, testEnvironment } from '../world/app.js';

let world: DoctorWorld;
beforeAll(async () => {
  world = await startDoctorWorld();
});
afterAll(() => world.close());

const misspelt = {
  PULBIC_URL: 'PUBLIC_URL',
  REDIS_URI: 'REDIS_URL',
  ENCRYPTION_KEY: 'ENCRYPTION_KEYS',
  session_secret: 'SESSION_SECRET',
  'TRUST-PROXY': 'TRUST_PROXY',
  SESSION_SECRET_FIEL: 'SESSION_SECRET_FILE',
  AMCE_CLIENT_ID: 'ACME_CLIENT_ID',
  ACME_CLIENT_SECRETE: 'ACME_CLIENT_SECRET',
  ACME_CLEINT_ID: 'ACME_CLIENT_ID',
  INVOICD_ENVIRONMENT: 'INVOICED_ENVIRONMENT',
};
const others = {
  PATH: '/bin',
  HOSTNAME: 'x',
  NODE_OPTIONS: '',
  REDIS_PASSWORD: 'x',
  REDIS_PORT: 'x',
  AZURE_CLIENT_ID: 'x',
  NODE_EXTRA_CA_CERTS: '',
  HOME: 'x',
  PWD: 'x',
  PS1: 'x',
  LANG: 'C',
};

test('the server names a variable that nothing reads, and the one that is close; it is silent about other programs', async () => {
  const wrong = Object.fromEntries(Object.keys(misspelt).map((name) => [name, 'canary-of-this-test']));
  const app = await startApp({
    ...(await testEnvironment()),
    PROVIDERS_DIR: world.healthy['PROVIDERS_DIR'] ?? '',
    ...wrong,
    ...others,
  });
  await app.close();
  const hints = app.lines.flatMap((line) => {
    const { event, hint } = JSON.parse(line) as { event: string; hint?: string };
    return event === 'configuration.warning' && hint?.includes('is close') === true ? [hint] : [];
  });
  expect(hints.sort()).toEqual(
    Object.entries(misspelt)
      .map(([name, near]) => `${name}: nothing reads a variable of this name. ${near} is close.`)
      .sort(),
  );
  expect(app.lines.join('')).not.toContain('canary-of-this-test');
});

test('so does the doctor', async () => {
  const { warnings } = await world.examine({ PULBIC_URL: 'https://x.test', AMCE_CLIENT_ID: 'x' });
  expect(warnings).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ where: 'PULBIC_URL', what: expect.stringContaining('PUBLIC_URL is close') }),
      expect.objectContaining({ where: 'AMCE_CLIENT_ID', what: expect.stringContaining('ACME_CLIENT_ID is close') }),
    ]),
  );
}, 60_000);
