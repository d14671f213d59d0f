import type { ConfigurationProblem } from '../config/configuration-error.js';
import type { Environment } from '../config/environment.js';
import { isLoopback } from '../config/loopback.js';
import type { Provider } from './provider.js';
import type { Definitions } from './definition.js';
import { variable } from './variable.js';
import { isUnfilled } from './variables/unfilled-address.js';

type Guard = Pick<Environment, 'text' | 'warn'>;

/**
 * One client id for two providers of one server, or in two environments: a test secret would open production data, and a
 * server that allows one flow for each client refuses the other. Production refuses it, elsewhere it is a warning.
 */
export function sharedClients(
  providers: readonly Provider[],
  definitions: Definitions,
  { text, warn }: Guard,
  production: boolean,
): ConfigurationProblem[] {
  const family = ({ id }: Provider) => definitions.get(id)?.definition.extends ?? id;
  const related = (one: Provider, other: Provider) =>
    [...serverOrigins(one)].some((origin) => serverOrigins(other).has(origin)) ||
    (family(one) === family(other) && !family(one).startsWith('generic-'));
  const problems: ConfigurationProblem[] = [];
  for (const [index, one] of providers.entries())
    for (const other of providers.slice(index + 1)) {
      if (one.clientId !== other.clientId || !related(one, other)) continue;
      if ([one, other].some(({ id }) => text(variable(id, 'SHARED_CLIENT')) === 'true')) continue;
      const what = `${withEnvironment(one)} and ${withEnvironment(other)} share one client id`;
      const flows = one.grant === other.grant ? '' : ' They use two flows, and many servers allow one for each client.';
      const remedy = `Register a client for each, or set ${variable(one.id, 'SHARED_CLIENT')}=true.${flows}`;
      if (production) problems.push({ where: variable(other.id, 'CLIENT_ID'), what, remedy });
      else warn(`${variable(other.id, 'CLIENT_ID')}: ${what}. ${remedy}`);
    }
  return problems;
}

/** Live data over http: only on this machine, with a warning. */
export function liveOverHttp(
  providers: readonly Provider[],
  { warn }: Guard,
  publicUrl: URL | undefined,
): ConfigurationProblem[] {
  if (publicUrl?.protocol !== 'http:') return [];
  return providers.flatMap(({ id, environment }) => {
    if (environment === undefined || !/^(live|prod|production)$/.test(environment)) return [];
    const where = variable(id, 'ENVIRONMENT');
    const what = `${id} is in its environment ${environment}, and PUBLIC_URL is http`;
    if (!isLoopback(publicUrl.hostname))
      return [{ where, what, remedy: 'Set an https address in PUBLIC_URL, or choose a test environment.' }];
    warn(`${where}: ${what}. Anything that reads this machine's traffic sees live data.`);
    return [];
  });
}

/** The origins of an authorization server, as far as the provider file names them. */
function serverOrigins({ issuer, discoveryUrl, endpoints }: Provider): ReadonlySet<string> {
  const addresses = [issuer, discoveryUrl, endpoints.authorization, endpoints.token];
  // One with variables has no origin before it is filled.
  const known = addresses.filter((address) => address !== undefined && !isUnfilled(address));
  return new Set(known.map((address) => new URL(address ?? '').origin));
}

function withEnvironment({ id, environment }: Provider): string {
  return `${id} (${environment ?? 'no environment'})`;
}
