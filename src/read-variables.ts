import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import type { Variables } from './config/environment.js';

/** The file that development reads beside the environment. */
export const variablesFile = '.env';

/** The variables of the process, over those of a `.env` file in development. */
export function readVariables(): Variables {
  if (process.env['NODE_ENV'] === 'production') return { ...process.env };
  try {
    return { ...parseEnv(readFileSync(variablesFile, 'utf8')), ...process.env };
  } catch {
    return { ...process.env };
  }
}
