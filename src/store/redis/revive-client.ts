import type { RedisClient } from './client.js';

const pauseMs = 50;

/**
 * Connects a client again that has given up for good though nobody asked it to, and answers how to end it. ioredis does so
 * when it is told of a failover at the very moment when it asks the sentinels where the master is.
 */
export function reviveClient(client: RedisClient): () => void {
  let wanted = true;
  client.on('end', () => {
    setTimeout(() => {
      // A failure is heard as an error of the client's.
      if (wanted) client.connect().catch(() => undefined);
    }, pauseMs);
  });
  return () => {
    wanted = false;
    client.disconnect();
  };
}
