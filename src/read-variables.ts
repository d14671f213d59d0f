import { readFileSync } from 'node:fs';
import type { ConfigurationProblem } from './config/configuration-error.js';
import type { Variables } from './config/environment.js';
import { parseVariables } from './config/parse-variables.js';

/** The file that development reads beside the environment. */
export const variablesFile = '.env';

export interface GivenVariables {
  env: Variables;
  /** What cannot be read of the file. */
  problems: readonly ConfigurationProblem[];
  warnings: readonly string[];
}

/** The variables of the process, over those of a `.env` file in development. */
export function readVariables(): GivenVariables {
  const own = { env: { ...process.env }, problems: [], warnings: [] };
  if (process.env['NODE_ENV'] === 'production') return own;
  let bytes: Buffer;
  try {
    bytes = readFileSync(variablesFile);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return own;
    const what = `it cannot be read (${code ?? 'unknown'})`;
    return { ...own, problems: [{ where: variablesFile, what, remedy: 'Let this user read it, or remove it.' }] };
  }
  const { values, problems, warnings } = parseVariables(bytes, variablesFile);
  return { env: { ...values, ...process.env }, problems, warnings };
}
