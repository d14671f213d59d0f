import type { Definitions } from '../providers/definition.js';
import type { ProviderRegistry } from '../providers/registry.js';
import { providersKey, sessionKey } from '../store/keys.js';
import type { Store } from '../store/store.js';
import type { Vault } from './vault.js';

/**
 * The ids of providers of which a browser may have records: those that are offered, those that a file describes, and those
 * that were written down when a record was stored. What ends a session asks for all of them, so that no record of a provider
 * stays because the provider is gone from the configuration.
 */
export interface KnownProviders {
  ids(slot: string): Promise<readonly string[]>;
  /** Writes down that there is a record of this provider, for as long as records live. */
  add(slot: string, provider: string, ttlMs: number): Promise<void>;
}

interface Dependencies {
  store: Store;
  vault: Vault;
  registry: Pick<ProviderRegistry, 'all'>;
  definitions: Definitions;
}

const maxTries = 20;

export function createKnownProviders({ store, vault, registry, definitions }: Dependencies): KnownProviders {
  const read = (key: string, sealed: Buffer | undefined): string[] => {
    const value = sealed && vault.open(key, sealed)?.value;
    return Array.isArray(value) ? value.filter((id) => typeof id === 'string') : [];
  };

  return {
    ids: async (slot) => {
      const key = providersKey(slot);
      const offered = registry.all().map(({ id }) => id);
      return [...new Set([...offered, ...definitions.keys(), ...read(key, await store.get(key))])];
    },
    add: async (slot, provider, ttlMs) => {
      const key = providersKey(slot);
      for (let tries = 0; tries < maxTries; tries += 1) {
        const sealed = await store.get(key);
        const value = vault.seal(key, [...new Set([...read(key, sealed), provider])]);
        const unchanged = sealed ? { key, equals: sealed } : { key, exists: false };
        if (await store.commit([unchanged, { key: sessionKey(slot), exists: true }], [{ key, value, ttlMs }])) return;
        if (!(await store.get(sessionKey(slot)))) return;
      }
    },
  };
}
