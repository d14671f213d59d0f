import { createHash } from 'node:crypto';
import type { Guard, Write } from '../store.js';

export interface RedisScript {
  lua: string;
  /** Names the script for EVALSHA. */
  sha: string;
}

/**
 * KEYS holds a key per guard and then per write, ARGV the last moment, the number of guards, and then each step's word
 * and operands.
 *
 * A server that was frozen carries out what it finds waiting when it thaws, long after the caller was told that the store
 * is away: a lock would be taken for nobody, a session renewed that no browser knows. So a commit names the last moment
 * (milliseconds since the epoch) at which it may be made, and is refused after it with the server's time, as a text.
 *
 * Values are set before anything is deleted or prolonged: Redis decides about its memory once per script and refuses the
 * first SET, so that a refusal leaves everything as it was. A commit that only deletes passes without memory.
 */
export const commitScript = toScript(`
local clock = redis.call('TIME')
local moment = clock[1] * 1000 + math.floor(clock[2] / 1000)
if moment > tonumber(ARGV[1]) then return string.format('%d', moment) end
local at = 2
local function take()
  at = at + 1
  return ARGV[at - 1]
end
local guards = tonumber(take())
for i = 1, guards do
  local op = take()
  if op == 'exists' or op == 'absent' then
    if (redis.call('EXISTS', KEYS[i]) == 1) ~= (op == 'exists') then return 0 end
  else
    local wanted = take()
    local held = redis.pcall('GET', KEYS[i])
    if type(held) ~= 'string' then return 0 end
    if op == 'prefix' then held = string.sub(held, 1, #wanted) end
    if held ~= wanted then return 0 end
  end
end
for i = guards + 1, #KEYS do
  local op = take()
  if op == 'set' then
    local value = take()
    redis.call('SET', KEYS[i], value, 'PX', take())
  elseif op == 'prolong' then
    redis.call('PEXPIRE', KEYS[i], take())
  else
    redis.call('DEL', KEYS[i])
  end
end
return 1
`);

/** KEYS[1] is the counter, ARGV[1] the window in milliseconds. A key that is no counter is started anew. */
export const incrementScript = toScript(`
local count = redis.pcall('INCR', KEYS[1])
if type(count) == 'table' then
  if not (string.find(count.err, 'WRONGTYPE', 1, true) or string.find(count.err, 'integer', 1, true)
    or string.find(count.err, 'overflow', 1, true)) then return count end
  redis.call('SET', KEYS[1], '1', 'PX', ARGV[1])
  count = 1
end
local left = redis.call('PTTL', KEYS[1])
if left < 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
  left = tonumber(ARGV[1])
end
return {count, left}
`);

/**
 * Uses every command of the other scripts on KEYS[1], which remains empty, and answers the names of those that this user
 * may not use. Any other refusal (a full memory, a replica) is no matter of rights.
 */
export const rightsScript = toScript(`
local missing = {}
local function try(name, ...)
  local result = redis.pcall(name, ...)
  if type(result) == 'table' and result.err and
    (string.find(result.err, 'NOPERM', 1, true) or string.find(result.err, "can't run this command", 1, true)) then
    missing[#missing + 1] = string.lower(name)
  end
end
try('TIME')
try('SET', KEYS[1], '0', 'PX', '1000')
try('EXISTS', KEYS[1])
try('GET', KEYS[1])
try('INCR', KEYS[1])
try('PTTL', KEYS[1])
try('PEXPIRE', KEYS[1], '1000')
try('DEL', KEYS[1])
return missing
`);

/** KEYS and ARGV of the commit script, ARGV without the last moment. */
export function commitArguments(
  guards: readonly Guard[],
  writes: readonly Write[],
  prefix: string,
): { keys: string[]; args: (string | Buffer)[] } {
  const ordered = [...writes.filter((write) => 'value' in write), ...writes.filter((write) => !('value' in write))];
  return {
    keys: [...guards, ...ordered].map(({ key }) => prefix + key),
    args: [String(guards.length), ...guards.flatMap(guardArguments), ...ordered.flatMap(writeArguments)],
  };
}

function guardArguments(guard: Guard): (string | Buffer)[] {
  if ('exists' in guard) return [guard.exists ? 'exists' : 'absent'];
  return 'equals' in guard ? ['equals', guard.equals] : ['prefix', guard.startsWith];
}

function writeArguments(write: Write): (string | Buffer)[] {
  if ('delete' in write) return ['delete'];
  return 'value' in write ? ['set', write.value, String(write.ttlMs)] : ['prolong', String(write.ttlMs)];
}

function toScript(lua: string): RedisScript {
  return { lua, sha: createHash('sha1').update(lua).digest('hex') };
}
