import { mkdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Outage } from '../../test/store-faults/outage.js';
import { openSlowWire, type SlowWire } from '../../test/store-faults/slow-wire.js';
import { startMutedRedis } from '../../test/store/muted-redis.js';
import type { Person } from '../../test/store-faults/stage.js';
import { eventually, startRedis, type RedisServer } from '../../test/world/redis.js';
import type { StoreFault } from './outages-under.js';

const journal = ['--appendonly', 'yes', '--appendfsync', 'always'];
const lastsMs = 3000;

type Prepare = (redis: RedisServer, wire: SlowWire, people: readonly Person[]) => Outage;

/** One Redis behind a wire that can be slow. */
function single(prepare: Prepare, args: readonly string[] = journal): StoreFault {
  return async () => {
    const redis = await startRedis({ args: [...args] });
    const wire = await openSlowWire(redis.port);
    return {
      redisUrl: `redis://127.0.0.1:${wire.port}/0`,
      outage: (people) => prepare(redis, wire, people),
      close: () => {
        wire.close();
        return redis.stop();
      },
    };
  };
}

const config = (redis: RedisServer, name: string, value: string) => redis.cli('config', 'set', name, value);

async function fillToLoadSlowly(redis: RedisServer): Promise<void> {
  await config(redis, 'rdbcompression', 'no');
  for (let index = 0; index < 50; index += 1) await redis.cli('set', `filler:${index}`, 'x'.repeat(4096));
  await redis.cli('save');
  await redis.kill('SIGKILL');
}

/** A directory where Redis wants to write its file. */
async function obstructDisk(redis: RedisServer): Promise<string> {
  const [, directory = ''] = (await redis.cli('config', 'get', 'dir')).split('\n');
  const obstacle = join(directory, 'dump.rdb');
  await mkdir(obstacle);
  await config(redis, 'save', '3600 1000000');
  await redis.cli('bgsave');
  await eventually(async () => (await redis.cli('set', 'probe', 'x')).startsWith('MISCONF'));
  return obstacle;
}

function silentOn(name: string, mayPass: boolean): StoreFault {
  return async () => {
    const redis = await startRedis({ args: journal });
    const muted = await startMutedRedis(redis.port, name);
    return {
      redisUrl: muted.url,
      outage: () => ({
        inflict: () => {
          muted.mute();
        },
        heal: () => {
          muted.unmute();
        },
        lastsMs,
        mayPass,
      }),
      close: () => muted.close().then(() => redis.stop()),
    };
  };
}

export const openSingles: Record<string, StoreFault> = {
  'Redis killed, started again': single((redis) => ({
    inflict: () => redis.kill('SIGKILL'),
    heal: () => redis.restart(),
  })),
  'Redis started again, reading its file for 2 s (LOADING)': single(
    (redis) => ({ inflict: () => fillToLoadSlowly(redis), heal: () => redis.restart() }),
    ['--key-load-delay', '40000', '--loading-process-events-interval-bytes', '1024'],
  ),
  'Redis frozen for 3 s': single((redis) => ({
    inflict: () => redis.kill('SIGSTOP'),
    heal: () => redis.kill('SIGCONT'),
    lastsMs,
  })),
  'Redis frozen for 20 s': single((redis) => ({
    inflict: () => redis.kill('SIGSTOP'),
    heal: () => redis.kill('SIGCONT'),
    lastsMs: 20_000,
  })),
  'every answer of Redis 4 s late, for 3 s': single((_redis, wire) => ({
    inflict: () => {
      wire.delay(4000);
    },
    heal: () => {
      wire.delay(0);
    },
    lastsMs,
  })),
  'every answer of Redis 0.1 s late, for 3 s': single((_redis, wire) => ({
    inflict: () => {
      wire.delay(100);
    },
    heal: () => {
      wire.delay(0);
    },
    lastsMs,
    mayPass: true,
  })),
  'Redis silent on the ordinary connections alone': silentOn('gatehouse\r\n', false),
  'Redis silent on the connection for changes alone': silentOn('gatehouse-changes\r\n', true),
  'Redis out of memory (writes refused)': single((redis) => ({
    inflict: () => config(redis, 'maxmemory', '1'),
    heal: () => config(redis, 'maxmemory', '0'),
    lastsMs,
    mayPass: true,
  })),
  'Redis cannot write to its disk (MISCONF)': single((redis) => {
    let obstacle = '';
    return {
      inflict: async () => (obstacle = await obstructDisk(redis)),
      heal: () => rmdir(obstacle).then(() => config(redis, 'save', '')),
      lastsMs,
      mayPass: true,
    };
  }, []),
  'Redis made a replica (READONLY), then a master again': single((redis) => ({
    inflict: () => redis.cli('replicaof', '127.0.0.1', '1'),
    heal: () => redis.cli('replicaof', 'no', 'one'),
    lastsMs,
    mayPass: true,
  })),
  'a replica without its master (MASTERDOWN)': single(
    (redis) => ({
      inflict: () => redis.cli('replicaof', '127.0.0.1', '1'),
      heal: () => redis.cli('replicaof', 'no', 'one'),
    }),
    ['--replica-serve-stale-data', 'no'],
  ),
  'Redis given another password': single((redis) => {
    const cli = (...args: string[]) => redis.cli('-a', 'another', ...args);
    return {
      inflict: () => config(redis, 'requirepass', 'another').then(() => cli('client', 'kill', 'type', 'normal')),
      heal: () => cli('config', 'set', 'requirepass', ''),
    };
  }),
  'Redis flushed: its people sign in again': single((redis, _wire, people) => ({
    inflict: () => redis.cli('flushall'),
    heal: () => Promise.all(people.map((person) => person.connect())),
  })),
};
