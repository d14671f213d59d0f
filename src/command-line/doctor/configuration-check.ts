import { existsSync } from 'node:fs';
import { describeProxies } from '../../config/outgoing-proxies.js';
import { unfitSignIns } from '../../providers/unfit-sign-ins.js';
import { variablesFile } from '../../read-variables.js';
import { fine, type Check, type Finding, type Situation } from './finding.js';

/** Everything that would keep the server from starting, and what it would warn about. */
export const configurationCheck: Check = {
  title: 'Configuration',
  look: (situation) => {
    const { problems, warnings, configuration, file } = situation;
    const found = [
      ...problems.map(({ where, what, remedy }): Finding => ({
        level: 'problem',
        where: place(where, situation),
        what,
        remedy,
      })),
      ...warnings.map((text): Finding => {
        const [, where, what = text] = /^([A-Z][A-Z0-9_]+(?: \([\w ]+\))?):? (.+)$/.exec(text) ?? [];
        return {
          level: 'warning',
          what: what.replace(/\.$/, '').replace(/^is /, 'it is '),
          ...(where === undefined ? {} : { where: place(where, situation) }),
        };
      }),
      ...ownerFindings(situation),
      ...proxyFindings(situation),
      ...fileFindings(situation),
    ];
    const mode = configuration.production ? 'production' : 'development';
    const from = file ? `the environment and ${file.path}` : 'the environment';
    return problems.length === 0 ? [fine(`${mode}, read from ${from}`), ...found] : found;
  },
};

/** Where a variable is set: `.env:12 NAME`, or NAME alone where it comes from the environment or is missing. */
export function place(where: string, { file, env }: Pick<Situation, 'file' | 'env'>): string {
  const [, name] = /^([A-Z][A-Z0-9_]+)/.exec(where) ?? [];
  const line = name === undefined ? undefined : file?.lineOf(name);
  // What the environment says wins over the file.
  if (!file || name === undefined || line === undefined || env[name] !== file.values[name]) return where;
  return `${file.path}:${line} ${where}`;
}

/** Instead of a look at what the configuration has refused, or misses; undefined where nothing is wrong with the variable. */
export function notLookedAt(name: string, { problems }: Pick<Situation, 'problems'>): Finding | undefined {
  const refused = problems.find(({ where }) => new RegExp(`^${name}(_FILE)?(?![A-Z_])`).test(where));
  if (!refused) return undefined;
  const what = refused.what === 'it is not set' ? refused.what : 'it was refused';
  return {
    level: 'note',
    where: name,
    what: `${what}, so that this was not looked at`,
    remedy: 'See Configuration above.',
  };
}

/** With CONNECTIONS=owner: who says whose the connections are. */
function ownerFindings(situation: Situation): Finding[] {
  const { ownership } = situation.configuration;
  if (!ownership) return [];
  const { signInUrl, signInWith } = ownership;
  const found = [fine('connections belong to people (CONNECTIONS=owner)'), ...unfitFindings(situation, signInWith)];
  if (!signInUrl || signInWith.length === 0) return found;
  return [
    ...found,
    {
      level: 'note',
      where: 'SIGN_IN_WITH',
      what: 'people sign in at the application and by Connect buttons: one person who does both is two owners, who share no connection',
      remedy: 'Keep one of OWNER_SIGN_IN_URL and SIGN_IN_WITH, unless that is meant.',
    },
  ];
}

/** In development the sandbox may play a provider that has no client id. */
function unfitFindings(situation: Situation, signInWith: readonly string[]): Finding[] {
  const { configuration, providers, definitions } = situation;
  const find = (id: string) => providers.find((provider) => provider.id === id);
  const known = signInWith.filter((id) => configuration.production || find(id) !== undefined || !definitions.has(id));
  return unfitSignIns(known, find).map(({ where, what, remedy }) => ({
    level: 'problem',
    where: place(where, situation),
    ...{ what, remedy },
  }));
}

function proxyFindings({ configuration: { proxies } }: Situation): Finding[] {
  return proxies ? [fine(`providers are reached through ${describeProxies(proxies)}`)] : [];
}

function fileFindings({ file, configuration }: Situation): Finding[] {
  if (configuration.production && existsSync(variablesFile))
    return [
      {
        level: 'note',
        where: variablesFile,
        what: 'it is there, and production does not read it',
        remedy: 'Give the variables in the environment.',
      },
    ];
  if (!file || (file.mode & 0o077) === 0) return [];
  return [
    {
      level: 'warning',
      where: file.path,
      what: 'other users of this machine can read it',
      remedy: `It holds secrets: chmod 600 ${file.path}`,
    },
  ];
}
