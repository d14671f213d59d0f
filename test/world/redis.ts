import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from './listen.js';

/** Paths of PEM files. */
export interface RedisTls {
  caFile: string;
  certFile: string;
  keyFile: string;
}

export interface RedisServerOptions {
  port?: number;
  password?: string;
  /** The server then speaks TLS alone, also to its like. */
  tls?: RedisTls;
  /** As in redis.conf; nothing is evicted, so that a full server refuses writes. */
  maxmemory?: string;
  unixsocket?: string;
  args?: string[];
}

/** A real redis-server on 127.0.0.1 that keeps nothing on disk and ends with this process. */
export interface RedisServer {
  url: string;
  port: number;
  stop(): Promise<void>;
  /** SIGSTOP freezes the server until SIGCONT; after SIGKILL the returned promise resolves when it is gone. */
  kill(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): Promise<void>;
  /** Starts it again, empty, on the same port. */
  restart(): Promise<void>;
  cli(...args: string[]): Promise<string>;
}

/** Several servers of which another one takes over when a master is gone. */
export interface RedisGroup {
  url: string;
  /** The data nodes, masters first. */
  nodes: RedisServer[];
  sentinels: ChildProcess[];
  stop(): Promise<void>;
}

const run = promisify(execFile);
const alive = new Set<ChildProcess>();
process.once('exit', () => alive.forEach((child) => child.kill('SIGKILL')));

export async function startRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  const port = options.port ?? (await freePort());
  const directory = mkdtempSync(join(tmpdir(), 'gatehouse-redis-'));
  const { password, tls, maxmemory, unixsocket } = options;
  const args = ['--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', directory];
  if (tls) args.push('--port', '0', '--tls-port', `${port}`, '--tls-auth-clients', 'no', '--tls-replication', 'yes');
  else args.push('--port', `${port}`);
  if (tls) args.push('--tls-ca-cert-file', tls.caFile, '--tls-cert-file', tls.certFile, '--tls-key-file', tls.keyFile);
  if (password !== undefined) args.push('--requirepass', password, '--masterauth', password);
  if (maxmemory !== undefined) args.push('--maxmemory', maxmemory, '--maxmemory-policy', 'noeviction');
  if (unixsocket !== undefined) args.push('--unixsocket', unixsocket);
  args.push(...(options.args ?? []));

  let child = await launchRedis(args);
  const credentials = password === undefined ? '' : `:${encodeURIComponent(password)}@`;
  const cliArgs = ['-h', '127.0.0.1', '-p', `${port}`, '--no-auth-warning'];
  if (password !== undefined) cliArgs.push('-a', password);
  if (tls) cliArgs.push('--tls', '--cacert', tls.caFile);
  return {
    url: `redis${tls ? 's' : ''}://${credentials}127.0.0.1:${port}/0`,
    port,
    async stop() {
      await endRedis(child);
      rmSync(directory, { recursive: true, force: true });
    },
    async kill(signal) {
      if (signal === 'SIGKILL') await endRedis(child);
      else child.kill(signal);
    },
    async restart() {
      await endRedis(child);
      child = await launchRedis(args);
    },
    cli: async (...command) => (await run('redis-cli', [...cliArgs, ...command])).stdout.trim(),
  };
}

/** Asks again and again until the answer is true; an error counts as no. */
export async function eventually(ask: () => Promise<boolean>, limitMs = 10_000): Promise<void> {
  const limit = Date.now() + limitMs;
  while (!(await ask().catch(() => false))) {
    if (Date.now() > limit) throw new Error(`Not within ${limitMs} ms: ${ask.toString()}`);
    await delay(25);
  }
}

/** Ports that nobody listened on a moment ago. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) ports.push(await freePort());
  return ports;
}

export const replicationArgs = ['--repl-diskless-sync-delay', '0', '--repl-diskless-load', 'swapdb'];

/** Runs redis-server. Resolves when it says that it accepts connections. */
export function launchRedis(args: string[]): Promise<ChildProcess> {
  return new Promise((resolve, reject) => {
    const child = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'pipe'] });
    alive.add(child);
    let output = '';
    const listen = (chunk: Buffer): void => {
      output += chunk.toString();
      if (/Ready to accept connections|Sentinel ID is/.test(output)) resolve(child);
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    child.once('error', (cause) => {
      alive.delete(child);
      reject(new Error('redis-server cannot be started: install it (Debian: apt-get install redis-server)', { cause }));
    });
    child.once('exit', () => {
      alive.delete(child);
      reject(new Error(`redis-server ended at once: ${output}`));
    });
  });
}

export async function endRedis(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
}
