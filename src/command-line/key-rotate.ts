import { randomBytes } from 'node:crypto';
import { createLog } from '../log/log.js';
import { readEnvironment } from '../config/environment.js';
import { variablesFile } from '../read-variables.js';
import { CommandError, UsageError, type ExitCode, type Surroundings } from './command.js';
import { timeId } from './init.js';
import { operatorName } from './operator-name.js';
import { readArguments } from './read-arguments.js';
import { readVariablesFile, withValues, writeVariablesFile } from './variables-file.js';

type Secret = 'SESSION_SECRET' | 'ENCRYPTION_KEYS';

/** A fresh value in front of those that are in force, or behind them. */
export function rotateKeys(args: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const { values } = readArguments(args, {
    only: { type: 'string' },
    behind: { type: 'boolean' },
    promote: { type: 'boolean' },
    print: { type: 'boolean' },
    file: { type: 'string' },
  });
  if (values.only !== undefined && values.only !== 'session' && values.only !== 'encryption')
    throw new UsageError('--only is session or encryption.');
  if (values.behind === true && values.promote === true) throw new UsageError('--behind and --promote are two steps.');
  if (values.print === true && values.file !== undefined)
    throw new UsageError('--print writes to no file: leave --file out.');
  const secrets: Secret[] = [
    ...(values.only === 'encryption' ? [] : (['SESSION_SECRET'] as const)),
    ...(values.only === 'session' ? [] : (['ENCRYPTION_KEYS'] as const)),
  ];
  const step = values.promote === true ? promote : values.behind === true ? addBehind : addInFront;
  if (values.print === true) print(secrets, step, surroundings);
  else change(secrets, step, values.file ?? variablesFile, surroundings);
  return Promise.resolve(0);
}

function print(secrets: readonly Secret[], step: Step, surroundings: Surroundings): void {
  const { env, write } = surroundings;
  const environment = readEnvironment(env, surroundings);
  const lines = secrets.map((name) => `${name}=${step(name, environment.secret(name)).join(',')}\n`);
  const [problem] = environment.problems;
  if (problem) throw new CommandError(`${problem.where}: ${problem.what}. ${problem.remedy}`);
  write(lines.join(''));
}

function change(secrets: readonly Secret[], step: Step, path: string, { write, note }: Surroundings): void {
  const file = readVariablesFile(path);
  const missing = secrets.filter((name) => !file?.values[name]);
  if (!file || missing.length > 0)
    throw new CommandError(
      `${path} does not set ${(file ? missing : secrets).join(' or ')}. Name the file that does with --file, or let the new values be written to standard output with --print.`,
    );
  const changed = secrets.map((name) => [name, step(name, file.values[name])] as const);
  const texts = Object.fromEntries(changed.map(([name, entries]) => [name, entries.join(',')]));
  writeVariablesFile(path, withValues(file.text, texts), file.mode & 0o600);
  const log = createLog({ level: 'info', format: 'text', destination: { write: (line: string) => note(line) } });
  log.info('operator.keys_rotated', { audit: true, variables: secrets.join(' '), operator: operatorName() });
  for (const [name, entries] of changed) write(`${path}: ${name} holds ${entries.length} values now.\n`);
  write('Restart the server with them. Then: gatehouse keys reseal, and take the old key out of ENCRYPTION_KEYS.\n');
}

type Step = (name: Secret, current: string | undefined) => string[];

const addInFront: Step = (name, current) => {
  const entries = entriesOf(current);
  return [fresh(name, entries), ...entries];
};

const addBehind: Step = (name, current) => {
  const entries = entriesOf(current);
  if (entries.length === 0) throw new CommandError(`${name} holds nothing yet: leave --behind out.`);
  return [...entries, fresh(name, entries)];
};

const promote: Step = (name, current) => {
  const entries = entriesOf(current);
  const last = entries.at(-1);
  if (last === undefined || entries.length < 2)
    throw new CommandError(`${name} holds no second value that could be promoted: add one with --behind first.`);
  return [last, ...entries.slice(0, -1)];
};

function entriesOf(value = ''): string[] {
  return value
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}

/** An encryption key needs an id that no other has. */
function fresh(name: Secret, entries: readonly string[]): string {
  const value = randomBytes(32).toString('base64');
  if (name === 'SESSION_SECRET') return value;
  const day = `k${timeId()}`;
  const taken = new Set(entries.map((entry) => entry.slice(0, entry.indexOf(':'))));
  for (let number = 1; ; number += 1) {
    const id = number === 1 ? day : `${day}-${number}`;
    if (!taken.has(id)) return `${id}:${value}`;
  }
}
