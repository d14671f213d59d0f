import { readFileSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';

// Writes docs/licences.md from package-lock.json: what runs in production, and under which terms.

/** @param {string} name */
const here = (name) => new URL(name, import.meta.url);
/** @type {{ packages: Record<string, { dev?: boolean, version: string, license?: string }> }} */
const { packages } = JSON.parse(readFileSync(here('../package-lock.json'), 'utf8'));
const rows = Object.entries(packages)
  .filter(([path, { dev }]) => path !== '' && dev !== true)
  .map(([path, { version, license }]) => [path.replace(/^.*node_modules\//, ''), version, license ?? 'not stated'])
  .sort(([one = ''], [other = '']) => (one < other ? -1 : 1));
const text = `# Licences

What runs in production, from package-lock.json. Gatehouse itself is under the [MIT licence](../LICENSE). Written by \`npm run licences\`.

| Package | Version | Licence |
| --- | --- | --- |
${rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}
`;
const file = here('licences.md');
writeFileSync(file, await format(text, { ...(await resolveConfig(file)), parser: 'markdown' }));
