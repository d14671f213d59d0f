import type { Client, Clients } from './state/clients.js';
import { hasOwnEmulator, type OwnEmulator, type ProviderId } from './provider-ids.js';

/** The servers of each provider that a client can be known to; the first is the one that the sandbox is set up for. */
const realms: Readonly<Record<OwnEmulator, readonly [string, ...string[]]>> = {
  'request-finance': ['request-finance'],
  'request-finance-m2m': ['request-finance'],
  invoiced: ['invoiced/sandbox', 'invoiced/production'],
  luca: ['luca'],
  'luca-v2': ['luca-v2'],
  financefeast: ['financefeast'],
};

export function realmsOf(provider: ProviderId): readonly [string, ...string[]] {
  return hasOwnEmulator(provider) ? realms[provider] : [`pack/${provider}`];
}

/** One client for every realm of every provider, with secrets made now. */
export function registerClients(
  clients: Clients,
  providers: readonly ProviderId[],
  redirectUri: (provider: string) => string,
): Client[] {
  return providers.flatMap((provider) =>
    realmsOf(provider).map((realm) =>
      provider === 'request-finance-m2m'
        ? clients.register({ provider, realm, grantTypes: ['client_credentials'] })
        : clients.register({ provider, realm, redirectUris: [redirectUri(provider)] }),
    ),
  );
}

/** The environment that is wanted of a provider, by provider id. */
export type WantedEnvironments = Readonly<Partial<Record<string, string>>>;

/** `REQUEST_FINANCE_CLIENT_ID` and so on, for the wanted realm of each provider, else for the first. */
export function clientEnvironment(
  registered: readonly Client[],
  wanted: WantedEnvironments = {},
): Record<string, string> {
  const realmOf = (provider: ProviderId) =>
    realmsOf(provider).find((realm) => realm === `${provider}/${wanted[provider] ?? ''}`) ?? realmsOf(provider)[0];
  const named = registered.filter(({ provider, realm }) => realmOf(provider) === realm);
  return Object.fromEntries(
    named.flatMap(({ provider, id, secret }) => {
      const prefix = provider.toUpperCase().replaceAll('-', '_');
      return [
        [`${prefix}_CLIENT_ID`, id],
        [`${prefix}_CLIENT_SECRET`, secret ?? ''],
      ];
    }),
  );
}
