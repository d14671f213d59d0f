import { openSlowWire } from '../../test/store-faults/slow-wire.js';
import { makeCertificates } from '../../test/world/certificates.js';
import { startRedis } from '../../test/world/redis.js';
import type { StoreFault } from './outages-under.js';

const journal = ['--appendonly', 'yes', '--appendfsync', 'always'];
const lastsMs = 3000;

/** What a process meets that starts while the store cannot be used. */
export const bornInto: Record<string, StoreFault> = {
  'at the start: Redis down': async () => {
    const redis = await startRedis({ args: journal });
    return {
      redisUrl: redis.url,
      startedWith: {},
      outage: () => ({ inflict: () => redis.kill('SIGKILL'), heal: () => redis.restart(), lastsMs }),
      close: () => redis.stop(),
    };
  },
  'at the start: Redis takes the connection and says nothing': async () => {
    const redis = await startRedis({ args: journal });
    const wire = await openSlowWire(redis.port);
    return {
      redisUrl: `redis://127.0.0.1:${wire.port}/0`,
      startedWith: {},
      outage: () => ({
        inflict: () => {
          wire.delay(600_000);
        },
        heal: () => {
          wire.delay(0);
        },
        lastsMs,
      }),
      close: () => {
        wire.close();
        return redis.stop();
      },
    };
  },
  'at the start: a wrong password': async () => {
    const redis = await startRedis({ args: journal });
    const cli = (...args: string[]) => redis.cli('-a', 'right', ...args);
    return {
      redisUrl: redis.url,
      startedWith: { REDIS_URL: redis.url.replace('//', '//:given@') },
      outage: () => ({
        inflict: () => redis.cli('config', 'set', 'requirepass', 'right'),
        heal: () => cli('config', 'set', 'requirepass', 'given'),
        lastsMs,
      }),
      close: () => redis.stop(),
    };
  },
  'at the start: a certificate of another authority than REDIS_CA_FILE': async () => {
    const { files, elsewhere, remove } = makeCertificates();
    const redis = await startRedis({ args: journal, tls: files });
    return {
      redisUrl: redis.url,
      env: { REDIS_CA_FILE: files.caFile },
      startedWith: { REDIS_CA_FILE: files.strangerFile },
      outage: () => ({
        inflict: () => undefined,
        heal: () => redis.cli('config', 'set', 'tls-cert-file', elsewhere.certFile, 'tls-key-file', elsewhere.keyFile),
        lastsMs,
      }),
      close: () => redis.stop().then(remove),
    };
  },
};
