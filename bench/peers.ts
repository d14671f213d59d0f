import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Contestant, Surroundings } from './contestant.js';
import { launch, root } from './process.js';

/** A program of bench/peers, signed in by its own `/login`. */
async function startPeer(
  name: string,
  file: string,
  { directory, redisUrl, upstreamUrl, freePort, token }: Surroundings,
  more: Record<string, string> = {},
): Promise<Contestant> {
  const port = await freePort();
  const env = {
    NODE_ENV: 'production',
    PORT: String(port),
    REDIS_URL: redisUrl,
    UPSTREAM_URL: upstreamUrl,
    SECRET: randomBytes(32).toString('hex'),
    TOKEN: token,
    ...more,
  };
  const logFile = join(directory, `${file}.log`);
  const args = [`${root}bench/peers/${file}`];
  const { child, stop } = await launch({ command: process.execPath, args, env, port, logFile });
  const url = `http://127.0.0.1:${port}`;
  return { name, url: `${url}/api`, headers: {}, pid: child.pid ?? 0, stop };
}

async function signIn(contestant: Contestant): Promise<Contestant> {
  const answer = await fetch(new URL('/login', contestant.url));
  const cookie = answer.headers.getSetCookie()[0]?.split(';')[0];
  if (cookie === undefined) throw new Error(`${contestant.name} gave no session cookie`);
  return { ...contestant, headers: { Cookie: cookie } };
}

export const passThroughName = 'bare node:http + undici, no session';
export const expressName = 'express + express-session + connect-redis + http-proxy-middleware';
export const fastifyName = 'fastify + @fastify/session + @fastify/http-proxy';

export async function startPassThrough(surroundings: Surroundings): Promise<Contestant> {
  const peer = await startPeer(passThroughName, 'pass-through.js', surroundings);
  return { ...peer, url: peer.url.replace('/api', '') };
}

export async function startExpress(surroundings: Surroundings): Promise<Contestant> {
  return signIn(await startPeer(expressName, 'express.js', surroundings));
}

/** The same with kept connections to the API, which its manual leaves to the reader. */
export async function startExpressKeepAlive(surroundings: Surroundings): Promise<Contestant> {
  const more = { KEEP_ALIVE: 'on' };
  return signIn(await startPeer(`${expressName}, keep-alive agent`, 'express.js', surroundings, more));
}

export async function startFastify(surroundings: Surroundings): Promise<Contestant> {
  return signIn(await startPeer(fastifyName, 'fastify.js', surroundings));
}
