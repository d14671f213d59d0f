import { randomBytes } from 'node:crypto';
import { probeKey } from '../keys.js';
import type { RedisClient } from './client.js';
import { failureCode } from './failure.js';
import { rightsScript, type RedisScript } from './scripts.js';

/** MGET answers nil for a key of another type; a GET is made to do the same. */
export async function read(client: RedisClient, key: string): Promise<Buffer | undefined> {
  try {
    return (await client.getBuffer(key)) ?? undefined;
  } catch (error) {
    if (failureCode(error) === 'WRONGTYPE') return undefined;
    throw error;
  }
}

/** Commands that this user may not use, though the store cannot do without them. */
export async function missingRights(client: RedisClient, prefix: string): Promise<string[]> {
  const key = prefix + probeKey(randomBytes(12).toString('base64url'));
  const missing = (await run(client, rightsScript, [key], [])) as string[];
  await client.mget(key);
  return missing;
}

/** How many connections listen to each of these channels. */
export async function subscribers(client: RedisClient, channels: readonly string[]): Promise<number[]> {
  const flat = await client.call('PUBSUB', 'NUMSUB', ...channels).catch((error: unknown) => {
    if (failureCode(error) !== 'NOPERM') throw error;
    return [];
  });
  if (!Array.isArray(flat)) return [];
  return flat.filter((_, index) => index % 2 === 1).map(Number);
}

/** Names the script by its digest, and sends its text where the server does not know it (yet, or any more). */
export async function run(client: RedisClient, script: RedisScript, keys: string[], args: (string | Buffer)[]) {
  try {
    return await client.evalsha(script.sha, keys.length, ...keys, ...args);
  } catch (error) {
    if (failureCode(error) !== 'NOSCRIPT') throw error;
    return await client.eval(script.lua, keys.length, ...keys, ...args);
  }
}
