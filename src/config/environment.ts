import { readFileSync, statSync } from 'node:fs';
import type { ConfigurationProblem } from './configuration-error.js';
import { decodeText } from './decode-text.js';

export type Variables = Readonly<Record<string, string | undefined>>;

/** Reads variables one by one and gathers what is wrong with them, so that everything is said at once. */
export interface Environment {
  /** The trimmed value; undefined where it is unset or empty. */
  text(name: string): string | undefined;
  /** A secret, from NAME or from the file that NAME_FILE names (one trailing newline is dropped). */
  secret(name: string): string | undefined;
  /** A whole number in a range. */
  integer(name: string, fallback: number, range: { from: number; to: number }): number;
  list(name: string): string[];
  /** The names of all variables, also those of other programs. */
  readonly names: readonly string[];
  refuse(where: string, what: string, remedy: string): void;
  warn(text: string): void;
  readonly problems: readonly ConfigurationProblem[];
  readonly warnings: readonly string[];
}

/** What was found in the file that some of the variables were read from. */
export interface FileFindings {
  problems?: readonly ConfigurationProblem[];
  warnings?: readonly string[];
}

export function readEnvironment(variables: Variables, file: FileFindings = {}): Environment {
  const problems: ConfigurationProblem[] = [...(file.problems ?? [])];
  const warnings: string[] = [...(file.warnings ?? [])];
  const refuse: Environment['refuse'] = (where, what, remedy) => problems.push({ where, what, remedy });
  const warn: Environment['warn'] = (text) => warnings.push(text);
  const text: Environment['text'] = (name) => variables[name]?.trim() || undefined;

  const secret: Environment['secret'] = (name) => {
    const file = text(`${name}_FILE`);
    if (file === undefined) return text(name);
    if (text(name) !== undefined)
      refuse(`${name}_FILE`, `${name} is set, too`, 'Keep one of the two; only one can be meant.');
    try {
      if ((statSync(file).mode & 0o004) !== 0)
        warn(`${name}_FILE: ${file} can be read by every user of this machine; chmod 600 is enough.`);
      const value = decodeText(readFileSync(file))?.replace(/\r?\n$/, '');
      if (value === undefined)
        refuse(`${name}_FILE`, `${file} is not UTF-8 (it may be UTF-16)`, 'Write the secret into it as plain text.');
      if (value === '') refuse(`${name}_FILE`, `${file} is empty`, 'Put the secret into it.');
      return value || undefined;
    } catch (error) {
      const code = typeof error === 'object' && error && 'code' in error ? String(error.code) : 'unreadable';
      refuse(
        `${name}_FILE`,
        `${file} cannot be read (${code})`,
        'Name a file that exists and that this user may read.',
      );
      return undefined;
    }
  };

  const integer: Environment['integer'] = (name, fallback, { from, to }) => {
    const value = text(name);
    if (value === undefined) return fallback;
    const number = /^\d{1,15}$/.test(value) ? Number(value) : NaN;
    if (number >= from && number <= to) return number;
    refuse(name, `this is not a whole number from ${from} to ${to}`, `Leave it out for ${fallback}.`);
    return fallback;
  };

  const list: Environment['list'] = (name) =>
    (text(name) ?? '')
      .split(',')
      .map((entry) => entry.trim())
      .filter((entry) => entry !== '');

  return { text, secret, integer, list, names: Object.keys(variables), refuse, warn, problems, warnings };
}
