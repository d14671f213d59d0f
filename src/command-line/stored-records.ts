import { recordPrefix } from '../store/keys.js';
import type { RedisServer, RedisServers } from '../store/redis/servers.js';

/** One key of ours, taken apart. */
export interface StoredRecord {
  key: string;
  browserId: string;
  /** session, connection, connections, candidate, attempt, carried, pause, sent or lock. */
  kind: string;
  /** The cell of a connection, or what else the key ends in. */
  name: string;
  server: RedisServer;
}

/**
 * Every record of every browser, each once. There is no index of sessions: one more record to keep in step would be one more
 * to get wrong, and only an operator asks. So this reads the names of all keys (SCAN), which blocks nobody.
 */
export async function* storedRecords({ all }: RedisServers): AsyncGenerator<StoredRecord> {
  for (const server of all) {
    const seen = new Set<string>();
    for await (const keys of server.keys(recordPrefix))
      for (const key of keys) {
        const [, browserId, kind, name = ''] = /^gh:\{([^}]+)\}:([a-z]+)(?::(.+))?$/.exec(key) ?? [];
        if (browserId === undefined || kind === undefined || seen.has(key)) continue;
        seen.add(key);
        yield { key, browserId, kind, name, server };
      }
  }
}
