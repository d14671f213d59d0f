/* Writes docs/configuration.md from the list of variables. */
import { writeFileSync } from 'node:fs';
import { format } from 'prettier';
import { referencePage } from '../dist/config/reference-page.js';

const path = new URL('./configuration.md', import.meta.url);
writeFileSync(path, await format(referencePage(), { parser: 'markdown', printWidth: 120 }));
