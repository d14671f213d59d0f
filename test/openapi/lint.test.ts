import { expect, test } from '@jest/globals';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { openApiDocument, type OpenApi } from '../../src/openapi/document.js';

/** Redocly's recommended rules; each that is relaxed has its reason. */
const rules = {
  // A failure that every address can have is documented once, as `default`; health and readiness have no other.
  'operation-4xx-response': 'off',
} as const;

async function problemsOf(document: OpenApi): Promise<string[]> {
  const config = await createConfig({ extends: ['recommended'], rules });
  const found = await lintFromString({ source: JSON.stringify(document), absoluteRef: '/openapi.json', config });
  return found.map(({ ruleId, message, location }) => `${ruleId} ${location[0]?.pointer ?? ''}: ${message}`);
}

const document = openApiDocument({ serverUrl: 'https://gate.example.org', cookie: '__Host-gatehouse' });

test('the document keeps to every recommended rule', async () => {
  expect(await problemsOf(document)).toEqual([]);
});

test('a document that breaks a rule is told so', async () => {
  const { '/healthz': health, ...paths } = document.paths;
  const twice = { ...health!, get: { ...health!.get!, operationId: 'session' } };
  expect(await problemsOf({ ...document, paths: { ...paths, '/healthz': twice } })).toEqual([
    expect.stringContaining('operation-operationId-unique'),
  ]);
});
