import { parseArgs, type ParseArgsConfig } from 'node:util';
import { UsageError } from './command.js';
import { nearestName } from '../nearest-name.js';

type Options = NonNullable<ParseArgsConfig['options']>;

/** Reads the options and the words of a command. Throws UsageError, with the option that was probably meant. */
export function readArguments<T extends Options>(args: readonly string[], options: T, { words = 0 } = {}) {
  try {
    const read = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
    const surplus = read.positionals[words];
    if (surplus !== undefined) throw new UsageError(`"${surplus}" is one word too many.`);
    return read;
  } catch (error) {
    if (error instanceof UsageError || !(error instanceof Error)) throw error;
    const [, unknown] = /Unknown option '(-[^']*)'/.exec(error.message) ?? [];
    if (unknown === undefined) throw new UsageError(error.message);
    const near = nearestName(unknown.replace(/^-+/, ''), Object.keys(options));
    throw new UsageError(`There is no option ${unknown}.${near === undefined ? '' : ` Did you mean --${near}?`}`);
  }
}

/** Picks the part of a command such as `sessions list`. Throws UsageError. */
export function choosePart<T>(command: string, parts: Readonly<Record<string, T>>, word: string | undefined): T {
  const names = Object.keys(parts);
  if (word === undefined) throw new UsageError(`Say what to do: ${names.map((n) => `${command} ${n}`).join(', ')}.`);
  const part = Object.hasOwn(parts, word) ? parts[word] : undefined;
  if (part !== undefined) return part;
  const near = nearestName(word, names);
  throw new UsageError(
    `There is no "${command} ${word}". ${near === undefined ? `Use one of: ${names.join(', ')}.` : `Did you mean ${command} ${near}?`}`,
  );
}
