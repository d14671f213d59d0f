import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { problems } from '../../src/errors.js';
import type { OpenApi } from '../../src/openapi/document.js';
import type { Answer } from '../world/answer.js';
import { startWorld, type World } from '../world/world.js';
import { operationsIn, referencesIn, resolve, servedDocument } from './served.js';

let world: World;
let answer: Answer;
let document: OpenApi;

beforeAll(async () => {
  world = await startWorld();
  answer = await world.browser.get('/openapi.json');
  document = await servedDocument(world.browser);
});
afterAll(() => world.close());

test('the document is served as JSON to anybody', () => {
  expect(answer.status).toBe(200);
  expect(answer.headers['content-type']).toMatch(/^application\/json\b/);
  expect(answer.setCookies).toEqual([]);
  expect(document.openapi).toMatch(/^3\.1\.\d+$/);
});

test('the server entry is PUBLIC_URL, so that an address of ours is the entry and the path', async () => {
  const [server] = document.servers;
  expect(server?.url).toBe(world.app.url);
  expect((await world.browser.get(`${server?.url}/healthz`)).status).toBe(200);
});

test('the server entry keeps the path of PUBLIC_URL', async () => {
  const below = await startWorld({ env: { PUBLIC_URL: 'http://localhost:4999/gate/' } });
  try {
    const { servers } = await servedDocument(below.browser);
    expect(servers.map(({ url }) => url)).toEqual(['http://localhost:4999/gate']);
  } finally {
    await below.close();
  }
});

test('every reference leads somewhere', () => {
  const references = referencesIn(document);
  expect(references.length).toBeGreaterThan(20);
  for (const reference of references) {
    expect(reference).toMatch(/^#\//);
    expect(resolve(document, reference)).toBeInstanceOf(Object);
  }
});

test('every named schema is used', () => {
  const used = new Set(referencesIn(document));
  const names = Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`);
  expect(names.filter((name) => !used.has(name))).toEqual([]);
});

test('every operation has an id of its own, a known tag, a summary and an answer that succeeds', () => {
  const operations = operationsIn(document);
  const ids = operations.map(({ operation }) => operation.operationId);
  expect(new Set(ids).size).toBe(ids.length);
  const tags = document.tags.map(({ name }) => name);
  for (const { operation } of operations) {
    expect(tags).toEqual(expect.arrayContaining([...operation.tags]));
    expect(operation.summary).not.toBe('');
    expect(Object.keys(operation.responses).some((status) => /^[23]/.test(status))).toBe(true);
  }
});

test('the parameters in a path are exactly those that the operation declares', () => {
  for (const { path, operation } of operationsIn(document)) {
    const declared = (operation.parameters ?? []).filter((each) => each.in === 'path');
    expect(declared.map(({ name }) => name)).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
    expect(declared.every(({ required }) => required)).toBe(true);
  }
});

test('every requirement names a scheme of the document', () => {
  const schemes = Object.keys(document.components.securitySchemes);
  for (const { operation } of operationsIn(document))
    for (const requirement of operation.security ?? [])
      expect(schemes).toEqual(expect.arrayContaining(Object.keys(requirement)));
});

test('every error code is told at some operation, under its own status', () => {
  const told = operationsIn(document).flatMap(({ operation }) =>
    Object.entries(operation.responses).map(([status, { description }]) => ({ status, description })),
  );
  for (const [code, { status }] of Object.entries(problems)) {
    const word = new RegExp(`\\b${code}\\b`);
    const places = told.filter(({ description }) => word.test(description)).map((each) => each.status);
    expect({ code, told: places.length > 0 }).toEqual({ code, told: true });
    const own = places.filter((place) => /^[45]/.test(place));
    expect(new Set(own)).toEqual(new Set(own.length > 0 ? [String(status)] : []));
  }
});

test('the session scheme names the cookie that the server sets', async () => {
  await world.connect();
  expect(world.browser.cookie(document.components.securitySchemes['session']!.name)).toBeDefined();
});
