import { createAddresses } from '../../config/addresses.js';
import { GatehouseError } from '../../errors.js';
import { silentLog } from '../../log/log.js';
import { createServerDirectory } from '../../oauth/discovery.js';
import { DiscoveryError } from '../../oauth/discovery-error.js';
import { metadataUrls } from '../../oauth/metadata.js';
import type { AuthorizationServer } from '../../oauth/authorization-server.js';
import { createHttpClient } from '../../http/client.js';
import type { ProxySettings } from '../../http/dispatcher.js';
import type { Provider } from '../../providers/provider.js';
import { isUnfilled } from '../../providers/variables/unfilled-address.js';
import { certificateFindings } from './certificate.js';
import { fine, type Check, type Finding, type Situation } from './finding.js';
import { probe } from './probe.js';

/** Seconds between two clocks at which an ID token is refused. */
const tolerable = 30;

/** Each provider on offer: its metadata, its addresses, their certificates, its clock, and what to register there. */
export const providersCheck: Check = {
  title: 'Providers',
  look: async (situation) => {
    const { providers, configuration } = situation;
    if (providers.length === 0)
      return [
        configuration.production
          ? { level: 'problem', what: 'none is on offer', remedy: 'Set <ID>_CLIENT_ID and <ID>_CLIENT_SECRET of one.' }
          : { level: 'note', what: 'none is set up: the sandbox with its emulated providers would run' },
      ];
    const each = await Promise.all(providers.map((provider) => look(provider, situation)));
    return each.flat();
  },
};

async function look(provider: Provider, situation: Situation): Promise<Finding[]> {
  const found = [...(await serverFindings(provider, situation)), ...registration(provider, situation)];
  return found.map((finding) => ({ ...finding, provider: provider.id }));
}

/** From where the doctor looks. Behind a proxy no certificate is seen but by the requests themselves. */
interface Standpoint {
  now: () => number;
  proxies: ProxySettings | undefined;
}

async function serverFindings(provider: Provider, { configuration, now }: Situation): Promise<Finding[]> {
  const { proxies } = configuration;
  const { http, close } = createHttpClient({ proxies });
  const directory = createServerDirectory({
    http,
    log: silentLog,
    production: configuration.production,
    now,
  });
  try {
    const server = await directory.get(provider);
    const found = await addressFindings(provider, server, { now, proxies });
    const worst = found.some(({ level }) => level !== 'note');
    return worst ? found : [fine(`${provider.name}: its addresses answer, their certificates are good`), ...found];
  } catch (error) {
    if (!(error instanceof GatehouseError)) throw error;
    return await discoveryFindings(provider, error, { now, proxies });
  } finally {
    await close();
  }
}

async function certificatesOf(addresses: readonly string[], { now, proxies }: Standpoint): Promise<Finding[]> {
  if (proxies) return [];
  const secure = addresses.filter((address) => address.startsWith('https:'));
  return (await Promise.all(secure.map((address) => certificateFindings(new URL(address), now())))).flat();
}

/** Why the metadata could not be had: the way there, or what is written there. */
async function discoveryFindings(
  provider: Provider,
  error: GatehouseError,
  standpoint: Standpoint,
): Promise<Finding[]> {
  const [address = ''] = metadataUrls(provider);
  const where = withoutQuery(address);
  if (error.code === 'provider_misconfigured')
    return [{ level: 'problem', where, what: sentence(error.detail), remedy: remedyOf(error) }];
  const certificate = where.startsWith('https:') ? await certificatesOf([where], standpoint) : [];
  if (certificate.length > 0) return certificate;
  const answer = await probe(address, standpoint.proxies);
  const why = 'failure' in answer ? answer.failure : `it answers ${answer.status}`;
  return [
    {
      level: 'problem',
      where,
      what: `its metadata cannot be fetched (${why})`,
      remedy: 'Let this machine reach it; correct issuer or discovery_url.',
    },
  ];
}

function remedyOf({ cause }: GatehouseError): string {
  return cause instanceof DiscoveryError ? cause.hint : 'Correct the provider file.';
}

async function addressFindings(
  { api, issuer }: Provider,
  server: AuthorizationServer,
  standpoint: Standpoint,
): Promise<Finding[]> {
  const { authorizationEndpoint, tokenEndpoint, revocationEndpoint, userinfoEndpoint, jwksUri } = server;
  const named = { authorizationEndpoint, tokenEndpoint, revocationEndpoint, userinfoEndpoint, jwksUri };
  const addresses = Object.entries({ ...named, api: api.baseUrl.href }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !isUnfilled(entry[1]),
  );
  const origins = [...new Set(addresses.map(([, address]) => new URL(address).origin))];
  const certificates = await certificatesOf(origins, standpoint);
  const distrusted = new Set(certificates.map(({ where }) => where));
  const answers = await Promise.all(
    addresses
      .filter(([, address]) => !distrusted.has(new URL(address).host))
      .map(async ([name, address]) => ({
        name,
        address,
        answer: await probe(address, standpoint.proxies, posted.has(name) ? 'POST' : 'GET'),
      })),
  );
  const found = [...certificates];
  for (const { name, address, answer } of answers) {
    const where = withoutQuery(address);
    if ('failure' in answer)
      found.push({
        level: 'problem',
        where,
        what: `${words[name] ?? name} cannot be reached (${answer.failure})`,
        remedy: 'Let this machine reach it; correct its address in the provider file.',
      });
    else if (answer.status >= 500 || (answer.status === 404 && name !== 'api'))
      found.push({
        level: 'warning',
        where,
        what: `${words[name] ?? name} answers ${answer.status} to a question without parameters`,
        remedy: 'See that the address is right.',
      });
  }
  const origin = new URL(issuer ?? tokenEndpoint).origin;
  const dated = answers.find(({ address, answer }) => new URL(address).origin === origin && 'status' in answer);
  return [
    ...found,
    ...clockFindings(origin, dated && 'date' in dated.answer ? dated.answer.date : undefined, standpoint.now()),
  ];
}

/** These know POST alone. Without a token or a grant nothing comes of it. */
const posted = new Set(['tokenEndpoint', 'revocationEndpoint']);

const words: Readonly<Record<string, string>> = {
  authorizationEndpoint: 'its authorization endpoint',
  tokenEndpoint: 'its token endpoint',
  revocationEndpoint: 'its revocation endpoint',
  userinfoEndpoint: 'its userinfo endpoint',
  jwksUri: 'its key set',
  api: 'its API',
};

/** By the Date header (RFC 9110 section 6.6.1), which tells whole seconds. */
function clockFindings(where: string, date: number | undefined, now: number): Finding[] {
  if (date === undefined) return [];
  const off = Math.round((date - now) / 1000);
  if (Math.abs(off) <= 10) return [];
  return [
    {
      level: Math.abs(off) > tolerable ? 'problem' : 'warning',
      where,
      what: `its clock is ${Math.abs(off)} s ${off > 0 ? 'ahead of' : 'behind'} this one: identities and expiries are misread`,
      remedy: "Synchronize this machine's clock (NTP).",
    },
  ];
}

function registration(provider: Provider, { configuration }: Situation): Finding[] {
  if (provider.grant !== 'authorization_code') return [];
  const uri = createAddresses(configuration).redirectUri(provider.id);
  return [{ level: 'note', what: `redirect URI to register there: ${uri}` }];
}

/** Of an address of the provider file, which may carry more than is to be shown. */
function withoutQuery(address: string): string {
  const { origin, pathname } = new URL(address);
  return `${origin}${pathname}`;
}

function sentence(detail: string): string {
  return detail.replace(/\.$/, '').replace(/\. The administrator has to look at its provider file$/, '');
}
