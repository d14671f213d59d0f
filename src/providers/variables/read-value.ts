import type { Variable } from '../sections/variables.js';
import { judge, storedText } from './value.js';

/** A value as it is stored, or undefined where it is none that the variable may have. */
export function readValue(variable: Variable, raw: unknown, production: boolean): string | undefined {
  if (typeof raw !== 'string' && typeof raw !== 'number') return undefined;
  const text = String(raw);
  const value = judge(variable, text, { production });
  return value && storedText(variable, text, value);
}

/** How the callback confirms a caller's value: `{shop}.example.com` with the value in it. */
export function confirmation({ name, confirmedAs }: Variable, value: string): string {
  return confirmedAs.replace(`{${name}}`, () => value);
}
