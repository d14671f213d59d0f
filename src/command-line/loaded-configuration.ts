import { gatherConfiguration, type Configuration } from '../config/configuration.js';
import type { ConfigurationProblem } from '../config/configuration-error.js';
import { ConfigurationError } from '../config/configuration-error.js';
import type { Environment } from '../config/environment.js';
import { warnOfMisspelt } from '../config/misspelt.js';
import { variablePrefix } from '../providers/variable.js';
import type { Provider } from '../providers/provider.js';
import type { Definitions } from '../providers/definition.js';
import { createRegistry, gatherDefinitions } from '../providers/registry.js';
import type { GivenVariables } from '../read-variables.js';
import { readRedisAddress } from '../store/redis/redis-store.js';
import { RedisUrlError } from '../store/redis/url.js';

/** The configuration as far as it can be read, and everything that is wrong with it. */
export interface LoadedConfiguration {
  configuration: Configuration;
  environment: Environment;
  definitions: Definitions;
  /** Those that could be offered, also where something else is wrong. */
  providers: readonly Provider[];
  problems: readonly ConfigurationProblem[];
  warnings: readonly string[];
}

/** As the server reads it at its start, but without stopping at the first thing that is wrong. */
export function loadConfiguration(given: GivenVariables): LoadedConfiguration {
  const { configuration, environment } = gatherConfiguration(given.env, given);
  const { definitions, problems: fileProblems } = gatherDefinitions(configuration.providersDirectory);
  warnOfMisspelt(environment, [...definitions.keys()].map(variablePrefix));
  const problems = [...environment.problems, ...redisProblems(configuration), ...fileProblems];
  const warnings = [...environment.warnings];
  // What was found before is not to be found twice.
  const quiet: Environment = {
    ...environment,
    problems: [],
    refuse: (where, what, remedy) => problems.push({ where, what, remedy }),
    warn: (text) => warnings.push(text),
  };
  problems.push(...problemsOf(() => createRegistry(definitions, quiet, configuration)));
  const providers = [...definitions].flatMap(([id, definition]) => {
    let found: readonly Provider[] = [];
    const alone = { ...quiet, warn: () => undefined };
    problemsOf(() => (found = createRegistry(new Map([[id, definition]]), alone, configuration).all()));
    return found;
  });
  return { configuration, environment, definitions, providers, problems: distinct(problems), warnings };
}

function redisProblems({ redis }: Configuration): ConfigurationProblem[] {
  try {
    if (redis) readRedisAddress(redis.url, redis.ca);
    return [];
  } catch (error) {
    if (!(error instanceof RedisUrlError)) throw error;
    return [{ where: 'REDIS_URL', what: error.message.replace(/^REDIS_URL /, 'it '), remedy: 'Correct the address.' }];
  }
}

function problemsOf(step: () => unknown): readonly ConfigurationProblem[] {
  try {
    step();
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
}

function distinct(problems: readonly ConfigurationProblem[]): ConfigurationProblem[] {
  return [...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()];
}
