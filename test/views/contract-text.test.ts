import { expect, test } from '@jest/globals';
import { openApiDocument } from '../../src/openapi/document.js';
import { contractText } from '../../src/views/contract-text.js';
import { contractNb } from '../../src/views/messages/contract-nb.js';
import { operationsOf } from '../../src/views/operations.js';

const document = openApiDocument({ serverUrl: 'https://app.test', cookie: 'gatehouse' });
const english = operationsOf(document, 'en');
const texts = new Set([
  document.info.description,
  ...english.flatMap(({ summary, description, answers }) => [
    summary,
    ...(description === '' ? [] : [description]),
    ...answers.map((answer) => answer.description),
  ]),
]);

test('every text of the API page is there in Norwegian, and no translation is left over', () => {
  const same = [...texts].filter((text) => contractText(text, 'nb') === text);
  expect(same).toEqual(['OpenAPI 3.1']);
  const untouched = [...texts].filter((text) => contractText(text, 'en') !== text);
  expect(untouched).toEqual([]);
  const used = new Set(
    [...texts].map((text) => contractText(text, 'nb').replace(/[a-z]+(_[a-z]+)*(, [a-z]+(_[a-z]+)+)+/, '{codes}')),
  );
  expect(Object.values(contractNb).filter((text) => !used.has(text))).toEqual([]);
});

test('codes stay what they are, with their titles in Norwegian', () => {
  expect(contractText('not_found: Not found. unknown_provider: Unknown provider.', 'nb')).toMatch(
    /^not_found: (?!Not found)[^.]+\. unknown_provider: [^.]+\.$/,
  );
  expect(contractText('Any other problem, such as invalid_request, internal_error.', 'nb')).toBe(
    'Et hvilket som helst annet problem, for eksempel invalid_request, internal_error.',
  );
});
