import { candidateKey } from '../store/keys.js';
import type { Store, Write } from '../store/store.js';
import type { Connection } from './connection.js';
import type { Vault } from './vault.js';

/** A connection that waits for the person to confirm its account. Sealed, and gone after ten minutes. */
export interface Candidate {
  connection: Connection;
  /** Absolute, and checked. */
  returnTo: string;
}

const life = 600_000;

export interface Candidates {
  write(tag: string, provider: string, candidate: Candidate): Write;
  read(tag: string, provider: string): Promise<{ sealed: Buffer; candidate: Candidate } | undefined>;
}

export function createCandidates({ store, vault }: { store: Store; vault: Vault }): Candidates {
  return {
    write: (tag, provider, candidate) => {
      const key = candidateKey(tag, provider);
      return { key, value: vault.seal(key, candidate), ttlMs: life };
    },
    read: async (tag, provider) => {
      const key = candidateKey(tag, provider);
      const sealed = await store.get(key);
      const candidate = sealed && (vault.open(key, sealed)?.value as Candidate | undefined);
      return sealed && candidate ? { sealed, candidate } : undefined;
    },
  };
}
