import type { RedisServer } from '../test/world/redis.js';
import type { Surroundings } from './contestant.js';

export async function scale(
  _surroundings: Surroundings,
  redis: RedisServer,
  _options: { quick: boolean },
): Promise<void> {
  await redis.cli('ping');
}
