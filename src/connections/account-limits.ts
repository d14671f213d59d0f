import { createHmac, randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { GatehouseError } from '../errors.js';
import { limitKey } from '../store/keys.js';
import { StoreUnavailableError, type Store } from '../store/store.js';
import type { ConnectionRef } from './connection-ref.js';
import type { LiveConnection } from './refresh/refreshed-connection.js';

/** Bounds the calls to one account at a provider (`api.limits`), over all processes and whoever makes them. */
export interface AccountLimits {
  /**
   * Counts a call, and resolves to what gives its place back when it has ended. Throws GatehouseError rate_limited; a call that
   * is refused so does not count. A store that is away limits nobody.
   */
  enter(ref: ConnectionRef, connection: LiveConnection): Promise<() => void>;
}

interface Dependencies {
  store: Store;
  /** By which the names of accounts become names of keys. */
  secret: string;
  /** Milliseconds since the epoch. */
  now: () => number;
}

/** What is stored: times are milliseconds since the epoch. */
interface Counted {
  /** When the calls of the last minute began. */
  starts: number[];
  /** The calls under way, and until when each is believed to be. */
  places: [id: string, until: number][];
}

const windowMs = 60_000;
/** A place outlives its process by this at most. */
const placeLifeMs = 45_000;
const prolongEveryMs = 15_000;
const maxTries = 200;

export function createAccountLimits({ store, secret, now }: Dependencies): AccountLimits {
  /** The places that calls of this process hold, by key. */
  const held = new Map<string, Set<string>>();
  /** Within the process one change of a key follows the other; between processes the store decides. */
  const lines = new Map<string, Promise<unknown>>();
  let timer: NodeJS.Timeout | undefined;

  const inLine = <T>(key: string, work: () => Promise<T>): Promise<T> => {
    const before = lines.get(key) ?? Promise.resolve();
    const mine = before.then(work, work);
    const settled = mine.catch(() => undefined).finally(() => lines.get(key) === settled && lines.delete(key));
    lines.set(key, settled);
    return mine;
  };

  /** Changes what is counted; `change` may throw, and then nothing is changed. */
  const write = (key: string, change: (counted: Counted) => void): Promise<void> =>
    inLine(key, async () => {
      for (let tries = 0; tries < maxTries; tries += 1) {
        const value = await store.get(key);
        const counted = read(value, now());
        change(counted);
        const guard = value ? { key, equals: value } : { key, exists: false };
        const ttlMs = Math.max(windowMs, placeLifeMs);
        if (await store.commit([guard], [{ key, value: Buffer.from(JSON.stringify(counted)), ttlMs }])) return;
        await wait(Math.random() * Math.min(20, tries));
      }
      throw new StoreUnavailableError('The calls of an account cannot be counted');
    });

  /** Calls may last longer than their places are believed in. */
  const prolong = async (): Promise<void> => {
    for (const [key, ids] of held) {
      const until = now() + placeLifeMs;
      const others = ({ places }: Counted) => places.filter(([id]) => !ids.has(id));
      await write(key, (counted) => {
        counted.places = [...others(counted), ...[...ids].map((id): [string, number] => [id, until])];
      }).catch(() => undefined);
    }
    timer = held.size > 0 ? setTimeout(() => void prolong(), prolongEveryMs).unref() : undefined;
  };

  const hold = (key: string, id: string): void => {
    const ids = held.get(key) ?? new Set();
    held.set(key, ids.add(id));
    timer ??= setTimeout(() => void prolong(), prolongEveryMs).unref();
  };

  const leave = (key: string, id: string): void => {
    const ids = held.get(key);
    if (!ids?.delete(id)) return;
    if (ids.size === 0) held.delete(key);
    write(key, (counted) => {
      counted.places = counted.places.filter(([other]) => other !== id);
    }).catch(() => undefined);
  };

  return {
    enter: async (ref, connection) => {
      const { limits } = ref.provider.api;
      if (!limits) return () => undefined;
      const key = limitKey(
        'account',
        createHmac('sha256', secret).update(accountOf(ref, connection)).digest('base64url'),
      );
      const id = randomBytes(6).toString('base64url');
      try {
        await write(key, (counted) => {
          const at = now();
          const { concurrent = Infinity, perMinute = Infinity } = limits;
          if (counted.places.length >= concurrent) throw refused(ref, `${concurrent} calls at a time`, 1);
          const oldest = counted.starts.at(-perMinute);
          if (oldest !== undefined && counted.starts.length >= perMinute)
            throw refused(ref, `${perMinute} calls in a minute`, Math.ceil((oldest + windowMs - at) / 1000));
          counted.starts.push(at);
          counted.places.push([id, at + placeLifeMs]);
        });
      } catch (error) {
        if (!(error instanceof StoreUnavailableError)) throw error;
        return () => undefined;
      }
      hold(key, id);
      return () => leave(key, id);
    },
  };
}

/** The account as the provider names it; where it names none, the connection. */
function accountOf({ provider, key }: ConnectionRef, { account }: LiveConnection): string {
  if (provider.grant === 'client_credentials') return JSON.stringify([provider.id]);
  return JSON.stringify([provider.id, ...(account.subject === undefined ? [null, key] : [account.subject])]);
}

function read(value: Buffer | undefined, at: number): Counted {
  try {
    const { starts, places } = JSON.parse(value?.toString('utf8') ?? '') as Counted;
    return {
      starts: starts.filter((start) => start > at - windowMs && start <= at + windowMs),
      places: places.filter(([, until]) => until > at),
    };
  } catch {
    return { starts: [], places: [] };
  }
}

function refused({ provider }: ConnectionRef, what: string, retryAfter: number): GatehouseError {
  const detail = `At most ${what} may be made for one account at ${provider.name}.`;
  return new GatehouseError('rate_limited', detail, { provider: provider.id, retryAfter: Math.max(1, retryAfter) });
}
