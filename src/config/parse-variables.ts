import type { ConfigurationProblem } from './configuration-error.js';
import { decodeText } from './decode-text.js';

/** What a file of variables says, and what in it cannot be read. */
export interface ParsedVariables {
  values: Readonly<Record<string, string>>;
  /** The line, counted from 1, that decides a variable. */
  lines: ReadonlyMap<string, number>;
  problems: readonly ConfigurationProblem[];
  warnings: readonly string[];
}

/**
 * Reads a file of variables as Docker Compose does, so that the same file means the same to both. A # begins a comment at
 * the start of a line or after a space: inside a secret it is a part of it. A line that cannot be read is a problem.
 */
export function parseVariables(bytes: Buffer, path: string): ParsedVariables {
  const values: Record<string, string> = {};
  const lines = new Map<string, number>();
  const problems: ConfigurationProblem[] = [];
  const warnings: string[] = [];
  const refuse = (line: number, what: string, remedy: string) =>
    problems.push({ where: `${path}:${line}`, what, remedy });
  const text = decodeText(bytes);
  if (text === undefined) {
    refuse(1, 'the file is not UTF-8 (it may be UTF-16)', 'Save it as UTF-8.');
    return { values, lines, problems, warnings };
  }

  const rows = text.replaceAll('\r\n', '\n').split('\n');
  for (let at = 0; at < rows.length; at += 1) {
    const number = at + 1;
    const row = (rows[at] ?? '').replaceAll('\u0085', ' ').trimStart();
    if (row === '' || row.startsWith('#')) continue;
    if (row.trimEnd().includes('\r')) {
      refuse(number, 'it holds a carriage return without a line feed', 'Save the file with LF or CRLF line ends.');
      continue;
    }
    const [, name, rest] = assignment.exec(row) ?? [];
    if (name === undefined) {
      refuse(number, 'it is not of the form NAME=value', 'Correct it, or begin it with # to make it a comment.');
      continue;
    }
    // A name alone stands for the variable of the environment, which counts in any case.
    if (rest === undefined) continue;
    let read = readValue(rest);
    // A value in quotes may go on in the lines that follow.
    for (let whole = rest; read === 'open' && at + 1 < rows.length; read = readValue(whole)) {
      at += 1;
      whole += `\n${rows[at] ?? ''}`;
    }
    if (typeof read === 'string') {
      const what = read === 'open' ? 'a quote is opened and not closed' : 'something follows the closing quote';
      refuse(number, `${name}: ${what}`, 'Write the value in single quotes, or without any.');
      continue;
    }
    if (read.interpolated)
      warnings.push(
        `${path}:${number} ${name}: Docker Compose would put the value of a variable in place of the $; here it stays. In single quotes both read the same.`,
      );
    values[name] = read.value;
    lines.set(name, number);
  }
  return { values, lines, problems, warnings };
}

const assignment = /^(?:export\s+)?([A-Za-z_][A-Za-z0-9_.-]*)\s*(?:[=:]\s*(.*))?$/s;

/** `open`: its quote is not closed; `surplus`: something follows the closing quote. */
function readValue(rest: string): { value: string; interpolated: boolean } | 'open' | 'surplus' {
  const [quote] = rest;
  if (quote !== '"' && quote !== "'") {
    const value = (rest.split(' #')[0] ?? '').trimEnd();
    return { value, interpolated: variableIn.test(value) };
  }
  const [, quoted, after] = (quote === '"' ? inDouble : inSingle).exec(rest) ?? [];
  if (quoted === undefined || after === undefined) return 'open';
  if (!/^\s*(?:#|$)/.test(after)) return 'surplus';
  if (quote === "'") return { value: quoted, interpolated: false };
  const value = quoted.replace(/\\([abfnrtv$"\\])/g, (_all, letter: string) => escapes[letter] ?? letter);
  return { value, interpolated: variableIn.test(quoted.replaceAll('\\$', '')) };
}

const inDouble = /^"((?:[^"\\]|\\.)*)"(.*)$/s;
const inSingle = /^'([^']*)'(.*)$/s;
const variableIn = /\$(?:[$A-Za-z_]|\{)/;
const escapes: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };
