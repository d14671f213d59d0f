import { parse } from 'yaml';
import { providerFile } from '../../providers/schema.js';
import { resolveProvider } from '../../providers/resolve.js';
import { placeholderProblems } from '../../providers/variables/placeholder-problems.js';
import { entry, type Entry } from './entry.js';
import { translate } from './translate.js';

export interface Coverage {
  entries: { name: string; can: boolean; why: string[] }[];
  can: number;
  of: number;
}

/** Undefined where the text is no catalogue: entries by name, each with its `auth_mode`, or the alias of another one. */
export function coverageOf(source: string): Coverage | undefined {
  const read = readCatalogue(source);
  if (!read) return undefined;
  const entries = [...read].map(([name, each]) => {
    const why = reasonsAgainst(name, each);
    return { name, can: why.length === 0, why };
  });
  return { entries, can: entries.filter(({ can }) => can).length, of: entries.length };
}

function readCatalogue(source: string): Map<string, Entry> | undefined {
  let tree: unknown;
  try {
    tree = parse(source);
  } catch {
    return undefined;
  }
  if (typeof tree !== 'object' || tree === null || Array.isArray(tree)) return undefined;
  const written = new Map(Object.entries(tree));
  const found = new Map<string, Entry>();
  for (const [name, value] of written) {
    const own = entry.safeParse(value);
    if (!own.success) return undefined;
    const alias = own.data.alias === undefined ? undefined : entry.safeParse(written.get(own.data.alias));
    const whole = { ...(alias?.success ? alias.data : {}), ...own.data };
    if (whole.auth_mode === 'OAUTH2') found.set(name, whole);
  }
  return found.size === 0 && written.size === 0 ? undefined : found;
}

/** Writes the file as a person would, and asks the server's own checks. */
function reasonsAgainst(name: string, each: Entry): string[] {
  const { file, why } = translate(name, each);
  const checked = providerFile.safeParse(file);
  if (!checked.success) {
    const keys = checked.error.issues.map(({ path, message }) => `${path.map(String).join('.')}: ${message}`);
    return [...new Set([...why, ...keys])];
  }
  const definition = checked.data;
  const misplaced = placeholderProblems({ definition, file: name, lineOf: () => 1 });
  const registration = { clientId: 'made-up', clientSecret: 'made-up', secrets: { API_KEY: 'made-up' } };
  const resolved =
    misplaced.length > 0 ? undefined : resolveProvider(definition, registration, name, { production: true });
  const problems = resolved && 'problems' in resolved ? resolved.problems : misplaced;
  return [...new Set([...why, ...problems.map(({ what }) => what.replace(/^[a-z0-9-]+: /, ''))])];
}
