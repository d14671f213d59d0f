import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { ProviderId } from '../provider-ids.js';

export type GrantType = 'authorization_code' | 'refresh_token' | 'client_credentials';

export interface Client {
  readonly id: string;
  /** Undefined: a public client. */
  readonly secret: string | undefined;
  readonly provider: ProviderId;
  /** The server that knows this client: a provider id, or one environment of it such as `invoiced/sandbox`. */
  readonly realm: string;
  readonly redirectUris: string[];
  readonly grantTypes: readonly GrantType[];
  approved: boolean;
}

export interface Clients {
  register(client: Partial<Client> & Pick<Client, 'provider' | 'realm'>): Client;
  find(realm: string, id: string | undefined): Client | undefined;
  all(): Client[];
}

export function createClients(): Clients {
  const clients = new Map<string, Client>();
  return {
    register(wanted) {
      const client: Client = {
        id: randomBytes(16).toString('hex'),
        secret: randomBytes(32).toString('base64url'),
        redirectUris: [],
        grantTypes: ['authorization_code', 'refresh_token'],
        approved: true,
        ...wanted,
      };
      clients.set(client.id, client);
      return client;
    },
    find(realm, id) {
      const client = clients.get(id ?? '');
      return client?.realm === realm ? client : undefined;
    },
    all: () => [...clients.values()],
  };
}

/** A public client proves nothing, so it must not send a secret either. */
export function secretMatches(client: Client, secret: string | undefined): boolean {
  if (client.secret === undefined) return secret === undefined;
  return secret !== undefined && timingSafeEqual(digest(client.secret), digest(secret));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
