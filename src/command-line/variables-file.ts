import { existsSync, readFileSync, realpathSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { decodeText } from '../config/decode-text.js';
import { parseVariables } from '../config/parse-variables.js';
import { CommandError } from './command.js';

/** A file of variables (`NAME=value`), as it lies there. */
export interface VariablesFile {
  path: string;
  text: string;
  values: Readonly<Record<string, string | undefined>>;
  /** Permission bits. */
  mode: number;
  /** The line that decides a variable, counted from 1. */
  lineOf(name: string): number | undefined;
}

/** Undefined where there is none. Throws CommandError where it is not text, and what reading throws otherwise. */
export function readVariablesFile(path: string): VariablesFile | undefined {
  let bytes: Buffer;
  let mode: number;
  try {
    bytes = readFileSync(path);
    mode = statSync(path).mode & 0o777;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  const text = decodeText(bytes);
  if (text === undefined) throw new CommandError(`${path} is not UTF-8 (it may be UTF-16): save it as UTF-8.`);
  const { values, lines } = parseVariables(bytes, path);
  return { path, text, mode, values, lineOf: (name) => lines.get(name) };
}

/** The text with other values: in the lines that hold them, or in new lines at the end. Everything else stays as it is. */
export function withValues(text: string, values: Readonly<Record<string, string>>): string {
  const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n');
  for (const [name, value] of Object.entries(values)) {
    const at = lines.findLastIndex((line) => assigns(line, name));
    const line = `${name}=${value}`;
    if (at === -1) lines.push(line);
    else lines[at] = line;
  }
  return `${lines.join('\n')}\n`;
}

/** Writes beside it first, so that no power cut leaves half a file. Readable for its owner alone, or as it was before. */
export function writeVariablesFile(path: string, text: string, mode = 0o600): void {
  // A link stays one.
  const target = existsSync(path) ? realpathSync(path) : path;
  const beside = `${target}.${process.pid}.new`;
  writeFileSync(beside, text, { mode, flag: 'wx' });
  renameSync(beside, target);
}

function assigns(line: string, name: string): boolean {
  return new RegExp(`^\\s*(?:export\\s+)?${name}\\s*=`).test(line);
}
