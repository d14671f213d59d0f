/* Writes docs/configuration.md from the list of variables. */
import { writeFileSync } from 'node:fs';
import { format } from 'prettier';

const built = new URL('../dist/config/reference-page.js', import.meta.url);
/** @type {import('../src/config/reference-page.js')} */
const { referencePage } = await import(built.href);
const path = new URL('./configuration.md', import.meta.url);
writeFileSync(path, await format(referencePage(), { parser: 'markdown', printWidth: 120 }));
