import { expect, test } from '@jest/globals';
import { readConfiguration } from '../../src/config/configuration.js';
import { productionEnvironment, refusalHere } from './configurations.js';

const inDevelopment = (publicUrl: string, origin: string) =>
  readConfiguration({ PUBLIC_URL: publicUrl, ALLOWED_ORIGINS: origin }).configuration;
const warningsOf = (publicUrl: string, origin: string) =>
  inDevelopment(publicUrl, origin).warnings.filter((warning) => warning.startsWith('ALLOWED_ORIGINS'));

test.each([
  ['https://gate.example.org', 'https://app.example.org'],
  ['https://example.org/gate', 'https://app.example.org'],
  ['https://gate.example.org', 'https://example.org'],
  ['https://gate.example.org', 'https://gate.example.org:8443'],
  ['https://gate.shop.example.co.uk', 'https://app.example.co.uk'],
  ['http://localhost:3000', 'http://localhost:5173'],
  ['http://127.0.0.1:3000', 'http://127.0.0.1:5173'],
  ['http://[::1]:3000', 'http://[::1]:5173'],
])('%s and %s are one site', (publicUrl, origin) => {
  expect(warningsOf(publicUrl, origin)).toEqual([]);
});

test.each([
  ['https://gate.example.org', 'https://app.example.com'],
  ['https://gate.example.org', 'https://example.org.evil.test'],
  ['https://gate.org', 'https://app.org'],
  ['https://gate.co.uk', 'https://app.co.uk'],
  ['https://gate.github.io', 'https://app.github.io'],
  ['https://gate.eu-west-1.elb.amazonaws.com', 'https://app.eu-west-1.elb.amazonaws.com'],
  ['http://localhost:3000', 'http://127.0.0.1:5173'],
  ['http://localhost:3000', 'https://localhost:5173'],
  ['http://localhost:3000', 'http://app.localhost:5173'],
  ['http://10.0.0.1', 'http://10.1.0.1'],
  ['http://[::1]:3000', 'http://[::2]:3000'],
])('%s and %s are two sites, and a warning says so', (publicUrl, origin) => {
  expect(warningsOf(publicUrl, origin)).toEqual([expect.stringContaining('cannot work')]);
  expect(inDevelopment(publicUrl, origin).allowedOrigins).toEqual([origin]);
});

test('production starts with an origin of another site, and warns about it', async () => {
  const env = await productionEnvironment({ ALLOWED_ORIGINS: 'https://app.example.com,https://app.example.org' });
  expect(await refusalHere(env)).not.toMatch(/ALLOWED_ORIGINS/);
  expect(warningsOf('https://gate.example.org', 'https://app.example.com')).toHaveLength(1);
});
