import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConfigurationProblem } from '../config/configuration-error.js';
import { readProviderFile, type ReadFile } from './read-file.js';

/** Every provider file of a folder, `.yaml` or `.yml`. Problems are added to the list. */
export function readProviderFolder(folder: string, problems: ConfigurationProblem[]): (ReadFile & { file: string })[] {
  let names: string[];
  try {
    names = readdirSync(folder).sort((one, other) => (withoutEnding(one) < withoutEnding(other) ? -1 : 1));
  } catch {
    problems.push({
      where: 'PROVIDERS_DIR',
      what: `${folder} cannot be read`,
      remedy: 'Name a folder of provider files.',
    });
    return [];
  }
  return names
    .filter((name) => isProviderFile(name))
    .flatMap((name) => {
      const file = join(folder, name);
      const read = readProviderFile(sourceOf(file), file);
      if ('definition' in read) return [{ ...read, file }];
      problems.push(...read.problems);
      return [];
    });
}

/** What lies in the folder and is not read, by name; hidden files are nobody's mistake. */
export function leftOut(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries
      .filter((entry) => !entry.isDirectory() && !entry.name.startsWith('.') && !isProviderFile(entry.name))
      .map(({ name }) => name)
      .sort();
  } catch {
    return [];
  }
}

function isProviderFile(name: string): boolean {
  return !name.startsWith('.') && /\.ya?ml$/.test(name);
}

/** The order is that of the ids: `acme` before `acme-v2`, though `-` is before `.`. */
function withoutEnding(name: string): string {
  return name.replace(/\.ya?ml$/, '');
}

/** The file's text; undefined where it cannot be read. */
export function sourceOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
