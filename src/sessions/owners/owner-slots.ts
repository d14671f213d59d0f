import { createHmac, randomBytes } from 'node:crypto';
import type { Vault } from '../../connections/vault.js';
import { ownerIndexKey } from '../../store/keys.js';
import { StoreUnavailableError, type Store } from '../../store/store.js';
import { lengthText, ownerText, type Owner } from './owner.js';

/**
 * Where an owner's records lie. The hash tag of their keys is an HMAC under a random key, so that no key of the store says
 * whose it is. That key lies in the store, sealed: SESSION_SECRET has no part in it and can be replaced at once, and
 * ENCRYPTION_KEYS can be rotated.
 */
export interface OwnerSlots {
  of(owner: Owner): Promise<string>;
  /** Where it lies which sessions were signed in in one session of a person at the provider of this issuer. */
  ofSignIn(issuer: string, sid: string): Promise<string>;
}

/** What the slots of owners begin with; the browser id of a session is 22 characters long. */
export const ownerSlotPrefix = 'owner-';
/** Milliseconds that the index key lives after it was last looked at: longer than any connection. */
export const ownerIndexLifeMs = 730 * 86_400_000;
/** Milliseconds between two looks of one process. */
const lookEveryMs = 86_400_000;

export function createOwnerSlots({ store, vault, now }: { store: Store; vault: Vault; now: () => number }): OwnerSlots {
  let known: { key: Buffer; readAt: number } | undefined;

  const read = async (): Promise<Buffer> => {
    const made = vault.seal(ownerIndexKey, randomBytes(32).toString('base64'));
    await store.commit(
      [{ key: ownerIndexKey, exists: false }],
      [{ key: ownerIndexKey, value: made, ttlMs: ownerIndexLifeMs }],
    );
    const sealed = await store.get(ownerIndexKey);
    const text = sealed && vault.open(ownerIndexKey, sealed)?.value;
    // Another key would lead to other slots, where nothing is found: never a new one in its place.
    if (typeof text !== 'string') throw unreadable();
    await store.commit([], [{ key: ownerIndexKey, ttlMs: ownerIndexLifeMs }]);
    return Buffer.from(text, 'base64');
  };

  const hidden = async (text: string): Promise<string> => {
    if (!known || now() - known.readAt > lookEveryMs) known = { key: await read(), readAt: now() };
    return createHmac('sha256', known.key).update(text).digest('base64url');
  };

  return {
    of: async (owner) => `${ownerSlotPrefix}${await hidden(ownerText(owner))}`,
    ofSignIn: async (issuer, sid) => `sign-in-${await hidden(lengthText('sid', [issuer, sid]))}`,
  };
}

function unreadable(): StoreUnavailableError {
  return new StoreUnavailableError(
    'The key of the owners does not open: ENCRYPTION_KEYS lacks the key that it was sealed with. Put that key back into the list.',
  );
}
