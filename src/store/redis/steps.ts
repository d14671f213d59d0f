import { within } from '../within.js';
import type { RedisClient } from './client.js';
import { isConnectionLoss, isReply, storeUnavailable, unavailableBecause } from './failure.js';
import type { RedisState } from './state.js';

/** The steps of the store on one client: each ends within the deadline, and none waits for a server that is away. */
export interface RedisSteps {
  /** Throws StoreUnavailableError, at once while there is no connection. */
  ask<T>(step: () => Promise<T>): Promise<T>;
  isResting(): boolean;
  /** Milliseconds since Redis last answered, or was first asked after a pause; by our own clock. */
  silentMs(): number;
}

/** How long a call waits for the very first connection, and for the one that follows a connection which rested. */
export const firstConnectionMs = 400;
const nextConnectionMs = 1200;
const deadlineMs = 1900;
/** How long a connection may rest before it is tried with a PING: a server may close one that rests for a second. */
const restMs = 900;
/** How long the client may take to report the end of its connection. */
const closingMs = 200;

export function createRedisSteps(client: RedisClient, state: RedisState): RedisSteps {
  let underWay = 0;
  let waking: Promise<unknown> | undefined;
  let heard = 0;
  let connectionMs = firstConnectionMs;
  client.on('ready', () => {
    heard = Date.now();
    connectionMs = nextConnectionMs;
  });

  async function ask<T>(step: () => Promise<T>): Promise<T> {
    const began = Date.now();
    if (state.status() === 'connecting') await nextConnection();
    if (underWay === 0 && state.status() === 'ready' && began - heard > restMs) await wake(began);
    if (state.status() !== 'ready') throw unavailableBecause(state.code());
    if (underWay === 0) heard = Date.now();
    underWay += 1;
    try {
      return await inTime(began, step());
    } catch (error) {
      throw storeUnavailable(error);
    } finally {
      underWay -= 1;
      heard = Date.now();
    }
  }

  /** Waits for the connection that is being made. One that takes longer is an outage, and the next calls fail at once. */
  async function nextConnection(): Promise<void> {
    await state.attempt(connectionMs);
    if (state.status() === 'connecting' && connectionMs === nextConnectionMs) state.failed('CLOSED');
  }

  /**
   * Tries a connection that has rested, before a step is sent whose fate could not be known. Redis, or a proxy before it,
   * closes connections that rest: then the next connection is awaited, and the caller notices nothing.
   */
  async function wake(began: number): Promise<void> {
    try {
      waking ??= Promise.resolve(client.ping()).finally(() => (waking = undefined));
      await inTime(began, waking);
    } catch (error) {
      // A server that refuses a PING, as with a full disk, has answered it.
      if (isReply(error)) return;
      if (!isConnectionLoss(error)) throw storeUnavailable(error);
      // The client reports the end of the connection in its own time.
      if (state.status() === 'ready') await within(closingMs, onceClosed(client), () => undefined);
      if (state.status() === 'connecting') await nextConnection();
    }
  }

  return { ask, isResting: () => underWay === 0, silentMs: () => Date.now() - heard };
}

function inTime<T>(began: number, answer: Promise<T>): Promise<T> {
  return within(deadlineMs - (Date.now() - began), answer, () => {
    throw unavailableBecause('TIMEOUT');
  });
}

function onceClosed(client: RedisClient): Promise<void> {
  return new Promise((resolve) => void client.once('close', resolve));
}
