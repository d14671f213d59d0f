import { compact } from '../compact.js';
import { ConfigurationError, type ConfigurationProblem } from '../config/configuration-error.js';
import type { Environment } from '../config/environment.js';
import { refuseIfSample } from '../config/secrets.js';
import { lazyMap, openCatalogue } from './catalogue.js';
import { readClientKeys } from './client-keys.js';
import type { Definition, Definitions } from './definition.js';
import { mergeTrees } from './merge.js';
import type { Provider } from './provider.js';
import { liveOverHttp, sharedClients } from './registration-guards.js';
import { readProviderFolder } from './read-folder.js';
import { inEnvironment, resolveProvider } from './resolve.js';
import type { ProviderFile } from './schema.js';
import { foreignSecrets, readSecrets } from './read-secrets.js';
import { variable } from './variable.js';
import { createVariableHosts } from './variables/variable-hosts.js';
import { placeholderProblems } from './variables/placeholder-problems.js';
import { secretVariable } from './secret-value.js';
import { neededKeys } from './sections/client.js';
import { readWebhookSettings } from './sections/webhooks.js';

/** The providers on offer: those with a client id. */
export interface ProviderRegistry {
  /** Whether a connection's value may have led to this host. */
  isVariableHost?(hostname: string): boolean;
  get(id: string): Provider | undefined;
  all(): readonly Provider[];
  /**
   * A provider that is not offered now, as the client that a record was made with; undefined where no file describes it, or
   * where it cannot be had without a secret that is gone.
   */
  former?(id: string, made: { clientId: string; environment?: string }): Provider | undefined;
}

/** The catalogue and, over it, the operator's folder. Throws ConfigurationError with every problem of the folder's files. */
export function loadDefinitions(directory?: string): Definitions {
  const { definitions, problems } = gatherDefinitions(directory);
  if (problems.length > 0) throw new ConfigurationError(problems);
  return definitions;
}

/**
 * The definitions that can be read, and every problem of the others. The operator's folder is read at once; an entry of the
 * catalogue when it is asked for, or a file of the folder extends it.
 */
export function gatherDefinitions(
  directory?: string,
  catalogue: ReadonlyMap<string, Definition> = openCatalogue(),
): {
  definitions: Definitions;
  problems: readonly ConfigurationProblem[];
} {
  const problems: ConfigurationProblem[] = [];
  const own = new Map<string, Definition>();
  const put = (known: Definition): void => {
    const found = placeholderProblems(known);
    if (found.length > 0) problems.push(...found);
    else own.set(known.definition.id, known);
  };
  const added = new Map<string, string>();
  for (const { definition, file, lineOf } of directory === undefined ? [] : readProviderFolder(directory, problems)) {
    const twin =
      added.get(definition.id) ??
      (definition.extends === definition.id ? undefined : catalogue.get(definition.id)?.file);
    const base = definition.extends === undefined ? undefined : catalogue.get(definition.extends);
    if (twin !== undefined)
      problems.push({
        where: `${file}:${lineOf('id')}`,
        what: `the id ${definition.id} is taken by ${twin}`,
        remedy: 'Choose another id, or extend that entry under its own id.',
      });
    else if (definition.extends !== undefined && !base)
      problems.push({
        where: `${file}:${lineOf('extends')}`,
        what: `extends names ${definition.extends}, which is not in the catalogue`,
        remedy: `Use one of ${[...catalogue.keys()].join(', ')}.`,
      });
    else put({ definition: base ? extend(base.definition, definition) : definition, file, lineOf });
    added.set(definition.id, file);
  }
  return { definitions: Object.assign(layer(catalogue, own), { own: new Set(own.keys()) }), problems };
}

/** One map over another: its values override, its further keys follow. */
export function layer(
  below: ReadonlyMap<string, Definition>,
  above: ReadonlyMap<string, Definition>,
): ReadonlyMap<string, Definition> {
  return lazyMap([...below.keys(), ...above.keys()], (id) => {
    const found = above.get(id) ?? below.get(id);
    if (!found) throw new Error(`there is no ${id}`);
    return found;
  });
}

/** Lays a definition over another one of the catalogue (maps merge, lists replace, null removes). */
export function extend(base: ProviderFile, over: ProviderFile): ProviderFile {
  return { ...(mergeTrees(base, over) as ProviderFile), id: over.id };
}

/** Whether any provider has a client id. */
export function isAnyConfigured(definitions: Definitions, environment: Environment): boolean {
  return [...definitions.keys()].some((id) => clientOf(id, environment) !== undefined);
}

/** The client id; of a provider without an authorization server, what stands for it once the operator offers it. */
function clientOf(id: string, { text }: Pick<Environment, 'text'>): string | undefined {
  return text(variable(id, 'CLIENT_ID')) ?? (text(variable(id, 'OFFERED')) === 'true' ? `api-key-${id}` : undefined);
}

/**
 * Makes the registry of the definitions whose client id is set in the environment. Throws ConfigurationError with every
 * problem, those that the environment already holds among them; warnings go to the environment.
 */
export function createRegistry(
  definitions: Definitions,
  environment: Environment,
  { production, publicUrl }: { production: boolean; publicUrl?: URL },
): ProviderRegistry {
  const problems: ConfigurationProblem[] = [];
  const providers = new Map<string, Provider>();
  const offered: string[] = [];
  const hosts = createVariableHosts({ production });
  for (const id of definitions.keys()) {
    const clientId = clientOf(id, environment);
    if (clientId === undefined) {
      if (definitions.own?.has(id))
        environment.warn(
          `${id} (${definitions.get(id)?.file ?? ''}) is not offered: ${variable(id, 'CLIENT_ID')} is not set.`,
        );
      continue;
    }
    const named = entryOf(definitions, id, problems);
    if (!named) continue;
    const { definition, file } = named;
    offered.push(id);
    if ((definition.grant === 'api_key') !== clientId.startsWith('api-key-'))
      problems.push(wrongVariable(id, definition.grant === 'api_key'));
    const clientSecret = environment.secret(variable(id, 'CLIENT_SECRET'));
    const webhooks = readWebhookSettings(id, environment);
    const samples: Environment = {
      ...environment,
      refuse: (where, what, remedy) => problems.push({ where, what, remedy }),
    };
    for (const [name, values] of [
      ['CLIENT_SECRET', clientSecret === undefined ? [] : [clientSecret]],
      ['WEBHOOK_SECRET', webhooks.secrets],
      ['WEBHOOK_FORWARD_SECRET', webhooks.forwardSecrets],
    ] as const)
      for (const value of values) refuseIfSample(samples, variable(id, name), value, production);
    const chosen = chooseEnvironment(definition, environment, production, problems);
    const body = inEnvironment(definition, chosen);
    const secrets = readSecrets(id, body, environment.secret);
    const { problems: keyProblems, ...clientKeys } = readClientKeys(id, neededKeys(body), environment);
    for (const [name, value] of Object.entries(secrets))
      refuseIfSample(samples, secretVariable(id, name), value, production);
    const resolved = resolveProvider(
      definition,
      {
        clientId,
        ...(clientSecret === undefined ? {} : { clientSecret }),
        ...(chosen === undefined ? {} : { environment: chosen }),
        webhooks,
        secrets,
        clientKeys,
      },
      file,
      { production },
    );
    if (keyProblems.length > 0) problems.push(...keyProblems);
    else if ('problems' in resolved) problems.push(...resolved.problems);
    else {
      hosts.add(resolved.provider.variables);
      providers.set(id, resolved.provider);
    }
  }
  problems.push(...foreignSecrets(definitions, offered));
  problems.push(...sharedClients([...providers.values()], definitions, environment, production));
  problems.push(...liveOverHttp([...providers.values()], environment, publicUrl));
  problems.unshift(...environment.problems);
  if (problems.length > 0) throw new ConfigurationError(problems);
  const former: NonNullable<ProviderRegistry['former']> = (id, { clientId, environment: chosen }) => {
    const known = definitions.get(id);
    if (!known || providers.has(id)) return undefined;
    const clientSecret = environment.text(variable(id, 'CLIENT_SECRET'));
    const body = inEnvironment(known.definition, chosen);
    const secrets = readSecrets(id, body, environment.text);
    const clientKeys = readClientKeys(id, neededKeys(body), environment);
    const registration = { clientId, secrets, clientKeys, ...compact({ clientSecret, environment: chosen }) };
    const resolved = resolveProvider(known.definition, registration, known.file, { production });
    if (!('provider' in resolved)) return undefined;
    hosts.add(resolved.provider.variables);
    return resolved.provider;
  };
  const isVariableHost = (hostname: string): boolean => hosts.includes(hostname);
  return { get: (id) => providers.get(id), all: () => [...providers.values()], former, isVariableHost };
}

/** The entry of this id. What keeps an entry of the catalogue from being read is a problem of the configuration. */
function entryOf(definitions: Definitions, id: string, problems: ConfigurationProblem[]): Definition | undefined {
  try {
    return definitions.get(id);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    problems.push(...error.problems);
    return undefined;
  }
}

function chooseEnvironment(
  definition: ProviderFile,
  environment: Environment,
  production: boolean,
  problems: ConfigurationProblem[],
): string | undefined {
  const known = Object.entries(definition.environments ?? {}).flatMap(([name, body]) => (body ? [name] : []));
  const name = variable(definition.id, 'ENVIRONMENT');
  const chosen = environment.text(name);
  if (chosen !== undefined && !known.includes(chosen))
    problems.push({
      where: name,
      what: `${definition.id} has no environment of that name`,
      remedy: known.length > 0 ? `Use one of ${known.join(', ')}.` : 'Leave it out.',
    });
  const fallback = definition.default_environment ?? undefined;
  if (chosen === undefined && fallback !== undefined && !known.includes(fallback))
    problems.push({
      where: name,
      what: `it is not set, and ${definition.id} has no environment ${fallback}, which its file falls back to`,
      remedy: known.length > 0 ? `Use one of ${known.join(', ')}.` : 'Remove default_environment from the file.',
    });
  if (chosen === undefined && production && known.length > 1)
    problems.push({ where: name, what: 'it is not set', remedy: `Production must choose one of ${known.join(', ')}.` });
  return chosen ?? fallback ?? (known.length === 1 ? known[0] : undefined);
}

function wrongVariable(id: string, isApiKey: boolean): ConfigurationProblem {
  const [wrong, right] = isApiKey ? (['CLIENT_ID', 'OFFERED'] as const) : (['OFFERED', 'CLIENT_ID'] as const);
  const what = isApiKey ? `${id} is connected with keys and has no client` : `${id} has an authorization server`;
  const remedy = `Set ${variable(id, right)}${isApiKey ? '=true' : ''} instead.`;
  return { where: variable(id, wrong), what, remedy };
}
