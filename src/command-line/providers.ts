import { readFileSync } from 'node:fs';
import { createAddresses } from '../config/addresses.js';
import { setUpSheets } from '../providers/set-up-sheets.js';
import { variable } from '../providers/variable.js';
import { CommandError, UsageError, type Command, type ExitCode, type Surroundings } from './command.js';
import { coverageOf } from './coverage/coverage.js';
import { loadConfiguration } from './loaded-configuration.js';
import { checkProviderFile } from './provider-check.js';
import { writeNewProvider } from './provider-new.js';
import { choosePart, readArguments } from './read-arguments.js';
import { table } from './table.js';

/** What is on offer, and what is missing for the rest. */
export const providers: Command = {
  help: `Usage: gatehouse providers [list] [--json]
       gatehouse providers check FILE
       gatehouse providers new ID [--extends ENTRY] [--folder FOLDER]
       gatehouse providers coverage FILE [--json]

list    every provider of the catalogue and of PROVIDERS_DIR: whether its client id and secret are set, the environment,
        and the redirect URI to register there. Values are never shown.
check   reads one provider file as the server would, in each of its environments, and names the line
        of what is wrong; it also says what production would refuse.
new     writes a provider file to be filled in, into PROVIDERS_DIR or another folder. It extends generic-oauth2, or another
        entry of the catalogue. What is there already stays.
coverage  reads a catalogue of another project, in the format of providers.yaml, and says for each OAuth 2 entry whether one
        provider file can serve every customer, and why not.
`,
  run: (args, surroundings) => {
    const [first = 'list'] = args;
    const part = choosePart(
      'providers',
      { list, check, new: create, coverage },
      first.startsWith('-') ? 'list' : first,
    );
    return Promise.resolve(part(first.startsWith('-') ? args : args.slice(1), surroundings));
  },
};

function list(args: readonly string[], surroundings: Surroundings): ExitCode {
  const { write, note } = surroundings;
  const { values } = readArguments(args, { json: { type: 'boolean' } });
  const { configuration, environment, definitions, providers: offered, problems } = loadConfiguration(surroundings);
  const { redirectUri } = createAddresses(configuration);
  const { text } = environment;
  const isSet = (name: string) => text(name) !== undefined || text(`${name}_FILE`) !== undefined;
  const sheets = setUpSheets(definitions, environment);
  const rows = [...definitions].map(([id, { definition }]) => {
    const found = offered.find((provider) => provider.id === id);
    return {
      id,
      name: definition.name ?? id,
      offered: found !== undefined,
      /** It names no API: nothing to register, but what a file of one's own starts from. */
      to_extend: sheets.get(id) === undefined,
      environment: found?.environment ?? null,
      environments: Object.keys(definition.environments ?? {}),
      client_id: isSet(variable(id, 'CLIENT_ID')) ? 'set' : 'missing',
      client_secret:
        definition.client_authentication === 'none'
          ? 'not needed'
          : isSet(variable(id, 'CLIENT_SECRET'))
            ? 'set'
            : 'missing',
      variables: [variable(id, 'CLIENT_ID'), variable(id, 'CLIENT_SECRET')],
      redirect_uri:
        (definition.grant ?? 'authorization_code') !== 'authorization_code' || sheets.get(id) === undefined
          ? null
          : redirectUri(id),
    };
  });
  if (values.json === true) {
    write(`${JSON.stringify({ providers: rows }, null, 2)}\n`);
    return 0;
  }
  const complete = rows.filter(({ to_extend: isBase }) => !isBase);
  write(
    table([
      ['PROVIDER', 'OFFERED', 'CLIENT ID', 'SECRET', 'ENVIRONMENT', 'REDIRECT URI'],
      ...complete.map((row) => [
        row.id,
        row.offered ? 'yes' : 'no',
        row.client_id,
        row.client_secret,
        row.environment ?? (row.environments.length > 0 ? `(${row.environments.join(', ')})` : '-'),
        row.redirect_uri ?? 'none: no person signs in',
      ]),
    ]),
  );
  const [example] = complete.filter(({ offered: isOffered }) => !isOffered);
  if (example)
    write(`\nA provider is offered once its variables are set, such as ${example.variables.join(' and ')}.\n`);
  const bases = rows.filter(({ to_extend: isBase }) => isBase).map(({ id }) => id);
  if (bases.length > 0)
    write(
      `\nNothing is registered for ${bases.join(', ')}: a file of your own extends one of them, for any other server.\n`,
    );
  if (problems.length > 0) note(`\nThe configuration has ${problems.length} problem(s): see gatehouse doctor.\n`);
  return 0;
}

function check(args: readonly string[], { write }: Surroundings): ExitCode {
  const { positionals } = readArguments(args, {}, { words: 1 });
  const { problems, said } = checkProviderFile(positionals[0]);
  for (const line of said) write(`${line}\n`);
  for (const { where, what, remedy } of problems) write(`${where}: ${what}. ${remedy}\n`);
  return problems.length === 0 ? 0 : 1;
}

function create(args: readonly string[], { env, write }: Surroundings): ExitCode {
  const { positionals, values } = readArguments(
    args,
    { extends: { type: 'string' }, folder: { type: 'string' } },
    { words: 1 },
  );
  const folder = values.folder ?? env['PROVIDERS_DIR'] ?? 'providers';
  const [id = ''] = positionals;
  const path = writeNewProvider(positionals[0], values.extends ?? 'generic-oauth2', folder);
  write(`${path}: written. Fill it in, then:\n`);
  write(`  npx --no gatehouse providers check ${path}\n`);
  write(`  PROVIDERS_DIR=${folder} SANDBOX_PROVIDERS=${id} npm start   plays a server that behaves as the file says\n`);
  return 0;
}

function coverage(args: readonly string[], { write }: Surroundings): ExitCode {
  const { positionals, values } = readArguments(args, { json: { type: 'boolean' } }, { words: 1 });
  const [path] = positionals;
  if (path === undefined) throw new UsageError('Name the file: providers coverage FILE.');
  const found = coverageOf(sourceOf(path));
  if (!found) throw new CommandError(`${path} is no catalogue in the format of providers.yaml.`);
  if (values.json === true) {
    write(`${JSON.stringify(found, null, 2)}\n`);
    return 0;
  }
  const cannot = found.entries.filter(({ can }) => !can);
  write(table([['ENTRY', 'WHY NOT'], ...cannot.map(({ name, why }) => [name, why.join('; ')])]));
  const share = found.of === 0 ? 0 : Math.round((found.can / found.of) * 100);
  write(`\n${found.can} of ${found.of} OAuth 2 entries (${share} %) can be said in one file for every customer.\n`);
  return 0;
}

function sourceOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new CommandError(`${path} cannot be read.`);
  }
}
