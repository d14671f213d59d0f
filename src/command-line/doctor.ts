import { variablesFile } from '../read-variables.js';
import type { Command } from './command.js';
import { configurationCheck } from './doctor/configuration-check.js';
import type { Check, Finding, Level, Situation } from './doctor/finding.js';
import { nodeVersion } from './doctor/node-version.js';
import { providersCheck } from './doctor/providers-check.js';
import { publicUrlCheck } from './doctor/public-url-check.js';
import { redisCheck } from './doctor/redis-check.js';
import { secretsCheck } from './doctor/secrets-check.js';
import { loadConfiguration } from './loaded-configuration.js';
import { readArguments } from './read-arguments.js';
import { readVariablesFile, type VariablesFile } from './variables-file.js';

const checks: readonly Check[] = [
  nodeVersion,
  configurationCheck,
  secretsCheck,
  publicUrlCheck,
  redisCheck,
  providersCheck,
];

/** Looks at everything that the server needs, from here. */
export const doctor: Command = {
  help: `Usage: gatehouse doctor [--json]

Looks, with the variables that the server would read (in development with .env), at: the version of Node; the configuration
and the provider files, with file and line; how hard the secrets are to guess; PUBLIC_URL against cookies and proxies;
Redis: reachable, version, eviction, persistence, clock, and whether it reports changes; each provider on offer: metadata,
addresses, certificates, clock, and the redirect URI to register there.

It writes nothing but a key in Redis that it takes away again, sends no credentials to a provider, and prints no secret.

  --json   for programs: {"ok": false, "findings": [{"check", "level", "what", "where", "remedy", "provider"}]}

Exit code 0: no problem, perhaps warnings. 1: a problem. 2: the command was not understood.
`,
  run: async (args, surroundings) => {
    const { env, write, progress, now } = surroundings;
    const { values } = readArguments(args, { json: { type: 'boolean' } });
    const loaded = loadConfiguration(surroundings);
    const file = loaded.configuration.production ? undefined : whereReadable(variablesFile);
    const situation: Situation = { ...loaded, env, file, now };
    const found: (Finding & { check: string })[] = [];
    for (const { title, look } of checks) {
      progress(`Looking at: ${title}`);
      const findings = await look(situation);
      progress('');
      found.push(...findings.map((finding) => ({ check: title, ...finding })));
      if (values.json !== true && findings.length > 0) write(`${title}\n${findings.map(line).join('')}\n`);
    }
    const count = (level: Level) => found.filter((finding) => finding.level === level).length;
    const [problems, warnings] = [count('problem'), count('warning')];
    if (values.json === true) write(`${JSON.stringify({ ok: problems === 0, findings: found }, null, 2)}\n`);
    else write(`${counted(problems, 'problem', 'No')}, ${counted(warnings, 'warning', 'no')}.\n`);
    return problems === 0 ? 0 : 1;
  },
};

/** The file of variables; what is wrong with one that cannot be read is among the problems already. */
function whereReadable(path: string): VariablesFile | undefined {
  try {
    return readVariablesFile(path);
  } catch {
    return undefined;
  }
}

const marks: Readonly<Record<Level, string>> = { fine: 'ok', note: '--', warning: 'WARNING', problem: 'PROBLEM' };

function line({ level, provider, where, what, remedy }: Finding): string {
  const about = [provider, where].filter((part) => part !== undefined).join(' ');
  return `  ${marks[level].padEnd(7)}  ${about === '' ? '' : `${about}: `}${what}.${remedy === undefined ? '' : ` ${remedy}`}\n`;
}

function counted(count: number, word: string, none: string): string {
  return `${count === 0 ? none : count} ${word}${count === 1 ? '' : 's'}`;
}
