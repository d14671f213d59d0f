/* Writes docs/provider-file.schema.json from the definition that the loader checks files against, and the reference. */
import { readFileSync, writeFileSync } from 'node:fs';
import { format } from 'prettier';

const built = new URL('../dist/providers/json-schema.js', import.meta.url);
/** @type {import('../src/providers/json-schema.js')} */
const { jsonSchema } = await import(built.href);
const reference = readFileSync(new URL('./provider-file.md', import.meta.url), 'utf8');
const text = await format(JSON.stringify(jsonSchema(reference)), { parser: 'json', printWidth: 120 });
writeFileSync(new URL('./provider-file.schema.json', import.meta.url), text);
