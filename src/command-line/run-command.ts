import { ConfigurationError } from '../config/configuration-error.js';
import { describeError } from '../log/log.js';
import { StoreUnavailableError } from '../store/store.js';
import { CommandError, UsageError, type ExitCode, type Surroundings } from './command.js';
import { commands } from './commands.js';
import { nearestName } from '../nearest-name.js';
import { table } from './table.js';

/** The list of commands. */
function overview(): string {
  return `Usage: gatehouse COMMAND [OPTIONS]

${table(Object.entries(commands).map(([name, { summary }]) => [`  ${name}`, summary]))}
  gatehouse COMMAND --help   explains one of them

Exit codes: 0 success, 1 problems found or nothing done, 2 usage error.
`;
}

/** Runs what a command line asks for, and says what went wrong; never with a stack, never with a secret. */
export async function runCommand([name, ...args]: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  if (name === '--help' || name === '-h' || name === 'help') {
    surroundings.write(overview());
    return 0;
  }
  const entry = name !== undefined && Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!entry || name === undefined) {
    const near = name === undefined ? undefined : nearestName(name, Object.keys(commands));
    if (name !== undefined)
      surroundings.note(`There is no command "${name}".${near === undefined ? '' : ` Did you mean ${near}?`}\n\n`);
    surroundings.note(overview());
    return 2;
  }
  const command = await entry.load();
  const words = args.includes('--') ? args.slice(0, args.indexOf('--')) : args;
  if (words.includes('--help') || words.includes('-h')) {
    surroundings.write(command.help);
    return 0;
  }
  try {
    return await command.run(args, surroundings);
  } catch (error) {
    return explain(error, name, surroundings);
  } finally {
    surroundings.progress('');
  }
}

function explain(error: unknown, name: string, { note }: Surroundings): ExitCode {
  if (error instanceof UsageError) {
    note(`${error.message}\n\nSee: gatehouse ${name} --help\n`);
    return 2;
  }
  if (error instanceof ConfigurationError) note(`${error.message}\n\nFor details: gatehouse doctor\n`);
  else if (error instanceof CommandError) note(`${error.message}\n`);
  else if (error instanceof StoreUnavailableError)
    note(`The store cannot be used: ${String(describeError(error)['error'])}. For details: gatehouse doctor\n`);
  else note(`This went wrong unexpectedly: ${String(describeError(error)['error'])}\n`);
  return 1;
}
