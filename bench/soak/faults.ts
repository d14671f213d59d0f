import { setTimeout as pause } from 'node:timers/promises';
import type { RedisServer } from '../../test/world/redis.js';
import type { Api } from './api.js';
import type { AuthorizationServer } from './authorization-server.js';
import type { FaultWindow } from './fault-windows.js';
import type { Fleet } from './fleet.js';
import type { Grants } from './grants.js';
import { killName } from './tally.js';

export interface Fault extends Pick<FaultWindow, 'name' | 'grace' | 'excuses'> {
  work: () => Promise<void>;
}

interface Surroundings {
  fleet: Fleet;
  redis: RedisServer;
  server: AuthorizationServer;
  api: Api;
  grants: Grants;
  /** How long the authorization server and the API stay bent. */
  seconds: number;
}

export type FaultName = keyof ReturnType<typeof createFaults>;

const storeAway = ['503 store_unavailable'];

/** Everything that is done to the servers on the way. What a fault does not excuse is a broken promise. */
export function createFaults({ fleet, redis, server, api, grants, seconds }: Surroundings) {
  const forSeconds = async (bend: () => void, right: () => void): Promise<void> => {
    bend();
    await pause(seconds * 1000);
    right();
  };
  return {
    tokenErrors: {
      name: 'token endpoint: 503',
      // A connection that met it is tried again after pauses of up to 38 s.
      grace: 40_000,
      excuses: ['503 refresh_unavailable'],
      work: () =>
        forSeconds(
          () => (server.failing = 503),
          () => (server.failing = undefined),
        ),
    },
    tokenDelay: {
      name: 'token endpoint: 1.5 s an answer',
      grace: 5_000,
      excuses: [],
      work: () =>
        forSeconds(
          () => (server.delay = 1500),
          () => (server.delay = 0),
        ),
    },
    resets: {
      name: 'API: one connection in 20 reset',
      grace: 1_000,
      excuses: ['502 upstream_unreachable', '502 upstream_invalid_response'],
      work: () =>
        forSeconds(
          () => (api.resetOneIn = 20),
          () => (api.resetOneIn = 0),
        ),
    },
    // Excuses nothing, so that nothing that keeps a refresh away may follow before the refused tokens are replaced.
    refused: {
      name: 'API: 401 to one unexpired token in 10',
      grace: 5_000,
      excuses: [],
      work: () => {
        grants.refuseSome(10);
        return Promise.resolve();
      },
    },
    freeze: {
      name: 'Redis frozen for 2 s',
      grace: 5_000,
      excuses: storeAway,
      work: async () => {
        await redis.kill('SIGSTOP');
        await pause(2_000);
        await redis.kill('SIGCONT');
      },
    },
    restart: {
      name: 'Redis killed and started again',
      grace: 5_000,
      excuses: storeAway,
      work: () => redis.restart(),
    },
    kill: { name: killName, grace: 1_000, excuses: ['0 broken'], work: () => fleet.kill() },
    roll: { name: 'rolling restart of all processes', grace: 1_000, excuses: [], work: () => fleet.roll() },
  } satisfies Record<string, Fault>;
}
