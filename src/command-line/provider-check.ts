import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ConfigurationProblem } from '../config/configuration-error.js';
import { readProviderFile } from '../providers/read-file.js';
import { extend, gatherDefinitions } from '../providers/registry.js';
import { placeholderProblems } from '../providers/variables/placeholder-problems.js';
import { inEnvironment, resolveProvider } from '../providers/resolve.js';
import { secretNames } from '../providers/secret-value.js';
import type { ProviderFile } from '../providers/schema.js';
import { UsageError } from './command.js';

interface Verdict {
  problems: readonly ConfigurationProblem[];
  /** What is right, in words. */
  said: readonly string[];
}

/** Reads one provider file with made-up credentials, in each environment, as the server would. */
export function checkProviderFile(path: string | undefined): Verdict {
  if (path === undefined) throw new UsageError('Name the file: providers check FILE.');
  const read = readProviderFile(sourceOf(path), path);
  if ('problems' in read) return { problems: read.problems, said: [] };
  const { definitions: catalogue } = gatherDefinitions();
  const { definition: written, lineOf } = read;
  const base = written.extends === undefined ? undefined : catalogue.get(written.extends);
  if (written.extends !== undefined && !base)
    return refused(
      `${path}:${lineOf('extends')}`,
      `extends names ${written.extends}, which is not in the catalogue`,
      `Use one of ${[...catalogue.keys()].join(', ')}.`,
    );
  const twin = written.extends === written.id ? undefined : catalogue.get(written.id);
  if (twin)
    return refused(
      `${path}:${lineOf('id')}`,
      `the id ${written.id} is taken by the catalogue`,
      'Choose another id, or extend that entry under its own id.',
    );
  const whole = base ? extend(base.definition, written) : written;
  const misnamed = placeholderProblems({ definition: whole, file: path, lineOf });
  if (misnamed.length > 0) return { problems: misnamed, said: [] };
  const environments = Object.keys(whole.environments ?? {});
  const found = (environments.length > 0 ? environments : [undefined]).map((environment) =>
    problemsIn(whole, environment, path),
  );
  const problems = distinct(found.flatMap(({ development }) => development));
  if (problems.length > 0) return { problems, said: [] };
  const among = environments.length > 0 ? `, environments ${environments.join(', ')}` : '';
  return {
    problems,
    said: [
      `${path}: ${whole.id} (${whole.name ?? whole.id}) can be used${among}.`,
      ...distinct(found.flatMap(({ production }) => production)).map(
        ({ what, remedy }) => `In production it would be refused: ${what}. ${remedy}`,
      ),
    ],
  };
}

const madeUpWebhooks = {
  secrets: ['made-up'],
  forwardUrl: 'https://events.invalid/',
  forwardSecrets: [],
  forwardTimeoutMs: 30_000,
};

function madeUpKeys() {
  const { privateKey: key } = generateKeyPairSync('ed25519');
  return { keys: [{ key, algorithm: 'EdDSA' }], certificate: { cert: 'made-up', key: 'made-up' } };
}

function problemsIn(definition: ProviderFile, environment: string | undefined, path: string) {
  const registration = {
    clientId: 'made-up',
    clientSecret: 'made-up',
    clientKeys: madeUpKeys(),
    secrets: Object.fromEntries(secretNames(inEnvironment(definition, environment)).map((name) => [name, 'made-up'])),
    ...(environment === undefined ? {} : { environment }),
    ...(definition.webhooks ? { webhooks: madeUpWebhooks } : {}),
  };
  const where = environment === undefined ? path : `${path} (${environment})`;
  const problems = (production: boolean) => {
    const resolved = resolveProvider(definition, registration, where, { production });
    return 'problems' in resolved ? resolved.problems : [];
  };
  return { development: problems(false), production: problems(true) };
}

function distinct(problems: readonly ConfigurationProblem[]): ConfigurationProblem[] {
  return [...new Map(problems.map((problem) => [problem.what, problem])).values()];
}

function refused(where: string, what: string, remedy: string): Verdict {
  return { problems: [{ where, what, remedy }], said: [] };
}

function sourceOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
