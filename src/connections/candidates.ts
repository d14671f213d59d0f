import type { ProviderRegistry } from '../providers/registry.js';
import { candidateKey } from '../store/keys.js';
import type { Store, Write } from '../store/store.js';
import { newConnectionId } from './cell.js';
import type { Connection } from './connection.js';
import { fromConnectionRecord, toConnectionRecord, type ConnectionRecord } from './connection-record.js';
import { connectionDifference } from './origin.js';
import type { Vault } from './vault.js';

/** A connection that waits for the person to confirm its account. Sealed, and gone after ten minutes. */
export interface Candidate {
  connection: Connection;
  /** Absolute, and checked. */
  returnTo: string;
  /** The owner of the session in which it was begun; null where it had none. Absent in records of release 0.2. */
  owner?: string | null;
  /** The browser in which it was begun, and which alone decides. Absent in records of release 0.2. */
  browser?: string;
  /** The id of the connection that the sign-in was for, which has another account; absent: it is a further one. */
  reconnects?: string;
}

const candidateLifeMs = 600_000;

/** The stored form. */
type CandidateRecord = Omit<Candidate, 'connection'> & { connection: ConnectionRecord };

export interface Candidates {
  write(slot: string, provider: string, candidate: Candidate): Write;
  read(slot: string, provider: string): Promise<{ sealed: Buffer; candidate: Candidate } | undefined>;
}

interface Dependencies {
  store: Store;
  vault: Vault;
  registry: Pick<ProviderRegistry, 'get'>;
}

export function createCandidates({ store, vault, registry }: Dependencies): Candidates {
  return {
    write: (slot, provider, candidate) => {
      const key = candidateKey(slot, provider);
      return {
        key,
        value: vault.seal(key, { ...candidate, connection: toConnectionRecord(candidate.connection) }),
        ttlMs: candidateLifeMs,
      };
    },
    read: async (slot, provider) => {
      const key = candidateKey(slot, provider);
      const sealed = await store.get(key);
      const record = sealed && (vault.open(key, sealed)?.value as CandidateRecord | undefined);
      if (!sealed || !record) return undefined;
      const { id = newConnectionId(provider) } = record.connection;
      const connection = fromConnectionRecord({ ...record.connection, id });
      const settings = registry.get(provider);
      if (settings && connectionDifference(settings, connection)) return undefined;
      return { sealed, candidate: { ...record, connection } };
    },
  };
}
