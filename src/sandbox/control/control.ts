import type { CallCounts, CountsByProvider } from '../state/calls.js';
import type { Client } from '../state/clients.js';
import type { ProviderId } from '../provider-ids.js';
import { realmsOf } from '../register-clients.js';
import type { SwitchValue } from './switch-definitions.js';
import type { World } from '../state/world.js';

export interface ClientWish {
  readonly provider: ProviderId;
  readonly redirectUri?: string | undefined;
  /** Of the provider's servers; the one that the sandbox is set up for if not given. */
  readonly realm?: string | undefined;
  /** Without a secret. */
  readonly public?: boolean | undefined;
  readonly approved?: boolean | undefined;
}

export interface ControlState {
  readonly clock: { readonly now: string; readonly ahead_seconds: number };
  readonly providers: Record<string, ProviderState>;
}

export interface ProviderState {
  readonly faults: Record<string, SwitchValue>;
  readonly calls: CallCounts;
  /** Authorizations that still hold. */
  readonly grants: number;
  readonly clients: { id: string; realm: string; public: boolean; approved: boolean; redirect_uris: string[] }[];
}

/** The sandbox's strings, for tests and for the pages at `/control`. */
export interface SandboxControl {
  /** Throws SwitchError for a name or value that the provider does not have. */
  set(provider: ProviderId, faults: Readonly<Record<string, unknown>>): void;
  /** Faults, clock, counts, sign-ins and remembered consents are as at the start; what was issued stays. */
  reset(): void;
  advance(seconds: number): void;
  /** Ends every grant of the provider with all its tokens, and says how many there were. */
  revoke(provider: ProviderId): number;
  calls(): CountsByProvider;
  state(): ControlState;
  /** A further client; undefined where the provider has no such realm. */
  addClient(wish: ClientWish): Client | undefined;
  /** Undefined: no such client. */
  approve(clientId: string, approved: boolean): Client | undefined;
  clients(provider: ProviderId): Client[];
}

export function createControl(world: World): SandboxControl {
  const { clock, switches, calls, clients, authorizations } = world;
  const clientsOf = (provider: ProviderId) => clients.all().filter((client) => client.provider === provider);
  const grantsOf = (provider: ProviderId) =>
    authorizations.all().filter(({ alive, client }) => alive && client.provider === provider);
  const stateOf = (provider: ProviderId): ProviderState => ({
    faults: switches.of(provider),
    calls: calls.of(provider),
    grants: grantsOf(provider).length,
    clients: clientsOf(provider).map(({ id, realm, secret, approved, redirectUris }) => ({
      id,
      realm,
      public: secret === undefined,
      approved,
      redirect_uris: redirectUris,
    })),
  });
  return {
    set: (provider, faults) => switches.set(provider, faults),
    reset() {
      for (const part of [switches, clock, calls, world.signIns, world.consents]) part.reset();
    },
    advance: (seconds) => clock.advance(seconds),
    revoke(provider) {
      const grants = grantsOf(provider);
      for (const grant of grants) {
        grant.alive = false;
        if (grant.person) world.consents.forget(grant.person.id, grant.client.id);
      }
      return grants.length;
    },
    calls: () => calls.all(),
    state: () => ({
      clock: { now: new Date(clock.now()).toISOString(), ahead_seconds: clock.ahead() },
      providers: Object.fromEntries(world.providers.map((id) => [id, stateOf(id)])),
    }),
    addClient(wish) {
      const realm = wish.realm ?? realmsOf(wish.provider)[0];
      if (!realmsOf(wish.provider).includes(realm)) return undefined;
      return clients.register({
        provider: wish.provider,
        realm,
        redirectUris: wish.redirectUri === undefined ? [] : [wish.redirectUri],
        approved: wish.approved ?? true,
        ...(wish.public ? { secret: undefined } : {}),
        ...(wish.provider === 'request-finance-m2m' ? { grantTypes: ['client_credentials'] } : {}),
      });
    },
    approve(clientId, approved) {
      const client = clients.all().find(({ id }) => id === clientId);
      if (client) client.approved = approved;
      return client;
    },
    clients: clientsOf,
  };
}
