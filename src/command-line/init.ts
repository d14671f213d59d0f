import { randomBytes } from 'node:crypto';
import { variablesFile } from '../read-variables.js';
import { CommandError, type Command } from './command.js';
import { readArguments } from './read-arguments.js';
import { readVariablesFile, withValues, writeVariablesFile } from './variables-file.js';

const intro = `# Written by "gatehouse init". Docs: docs/configuration.md; every name is explained in .env.example.
# It holds secrets: keep it out of version control.
`;

/** Fresh secrets in a file of variables. */
export const init: Command = {
  help: `Usage: gatehouse init [--file PATH] [--public-url URL] [--redis-url URL] [--force]

Writes SESSION_SECRET and ENCRYPTION_KEYS, made at random, into .env, which only you can read (mode 0600). What the file
holds already stays: secrets that are set are kept, other lines are not touched.

  --file PATH        another file, such as production.env for "docker run --env-file"
  --public-url URL   also PUBLIC_URL: the address that browsers use
  --redis-url URL    also REDIS_URL
  --force            new values in place of those that are set. New secrets sign everyone out, and make stored tokens
                     unreadable; to change keys without that: gatehouse keys rotate
`,
  run: (args, { write }) => {
    const { values } = readArguments(args, {
      file: { type: 'string' },
      'public-url': { type: 'string' },
      'redis-url': { type: 'string' },
      force: { type: 'boolean' },
    });
    const path = values.file ?? variablesFile;
    const file = readVariablesFile(path);
    const wanted: Record<string, string | undefined> = {
      PUBLIC_URL: values['public-url'],
      REDIS_URL: values['redis-url'],
      SESSION_SECRET: randomBytes(32).toString('base64'),
      ENCRYPTION_KEYS: `k${timeId()}:${randomBytes(32).toString('base64')}`,
    };
    const isSet = (name: string) => [name, `${name}_FILE`].some((each) => (file?.values[each] ?? '').trim() !== '');
    const written: Record<string, string> = {};
    const kept: string[] = [];
    for (const [name, value] of Object.entries(wanted)) {
      if (value === undefined) continue;
      if (/[\r\n]/.test(value)) throw new CommandError(`${name} cannot hold a line break.`);
      if (isSet(name) && values.force !== true) kept.push(name);
      else written[name] = value;
    }
    if (Object.keys(written).length > 0)
      writeVariablesFile(
        path,
        withValues(file?.text ?? intro, written),
        file === undefined ? 0o600 : file.mode & 0o600,
      );
    if (Object.keys(written).length > 0) write(`${path}: wrote ${Object.keys(written).join(', ')}.\n`);
    if (kept.length > 0)
      write(`${path}: kept ${kept.join(', ')}, which ${kept.length > 1 ? 'are' : 'is'} set already.\n`);
    write(
      `Next: set <ID>_CLIENT_ID and <ID>_CLIENT_SECRET of a provider there; gatehouse providers lists the names.\n`,
    );
    return Promise.resolve(0);
  },
};

/** Names a key by the day it was made on. */
export function timeId(now: Date = new Date()): string {
  return now.toISOString().slice(0, 10).replaceAll('-', '');
}
