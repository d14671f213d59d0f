import { GatehouseError } from '../errors.js';
import type { Log } from '../log/log.js';
import type { HttpClient } from '../http/client.js';
import { listOrganizations } from '../oauth/organizations.js';
import type { Provider } from '../providers/provider.js';
import type { Store } from '../store/store.js';
import type { ConnectionStore } from './connection-store.js';
import type { Connection } from './connection.js';
import type { ConnectionRef } from './connection-ref.js';
import type { LiveConnection } from './refresh/refreshed-connection.js';
import { createAskOnce } from './refusals/ask-once.js';

export interface Memberships {
  /**
   * After the API refused a call for the chosen organization: if the provider's list does not hold it any longer, the choice
   * is dropped, and GatehouseError organization_required is thrown. Otherwise the refusal has another reason.
   */
  refuseIfGone(ref: ConnectionRef, connection: LiveConnection): Promise<void>;
}

interface Dependencies {
  store: Store;
  connections: ConnectionStore;
  http: HttpClient;
  log: Log;
  /** Milliseconds since the epoch. */
  now: () => number;
}

export function createMemberships({ store, connections, http, log, now }: Dependencies): Memberships {
  const askOnce = createAskOnce(now);

  const isGone = async ({ organizations, ...provider }: Provider, { organization, tokens }: LiveConnection) => {
    if (!organizations || !organization) return false;
    const listed = await listOrganizations(http, { ...provider, organizations }, tokens.accessToken).catch(
      () => undefined,
    );
    return listed !== undefined && !listed.some(({ id }) => id === organization.id);
  };

  /** Nothing but the choice is changed, and only while it is the one that was refused. */
  const drop = async ({ slot, cell, provider, key, guards, ttlMs }: ConnectionRef, id: string): Promise<void> => {
    for (let tries = 0; tries < 5; tries += 1) {
      const stored = await connections.read(slot, cell);
      if (stored?.connection?.organization?.id !== id) return;
      const { organization: _gone, ...rest } = stored.connection;
      const value = connections.seal(key, { ...rest, organizationLost: true });
      if (await store.commit([connections.unchanged(stored), ...guards], [{ key, value, ttlMs: ttlMs() }])) {
        log.info('connection.organization_lost', { provider: provider.id });
        return;
      }
    }
  };

  return {
    refuseIfGone: async (ref, connection) => {
      const { organization, tokens } = connection;
      if (!organization) return;
      const question = `${ref.key} ${organization.id}`;
      const gone = await askOnce(question, tokens.accessToken, () => isGone(ref.provider, connection));
      if (!gone) return;
      await drop(ref, organization.id);
      throw organizationRequired(ref.provider);
    },
  };
}

/** Whether calls wait for a choice: where the file demands one, and where the one that was made has come to nothing. */
export function mustChoose({ organizations }: Provider, connection: Connection): boolean {
  if (!organizations || connection.organization !== undefined) return false;
  return organizations.required || connection.organizationLost === true;
}

export function organizationRequired(provider: Provider): GatehouseError {
  return new GatehouseError(
    'organization_required',
    'Choose an organization, or the personal account, first.',
    provider.id,
  );
}
