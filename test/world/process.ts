import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { testEnvironment } from './app.js';
import { assertBuilt } from './built.js';
import { isOurs } from './our-answers.js';
import { send } from './transport.js';

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface ServerProcess {
  child: ChildProcess;
  /** PUBLIC_URL, or the address it listens on. */
  url: string;
  port: number;
  env: Record<string, string>;
  /** Standard output and standard error, in the order of arrival. */
  lines: string[];
  exited: Promise<Exit>;
  /** Resolves with the first line that matches, also one that came before. */
  line(pattern: RegExp): Promise<string>;
  /** SIGTERM, and SIGKILL after `patience` milliseconds. */
  stop(patience?: number): Promise<Exit>;
}

/** The repository's folder, seen from test/world, and from where the measuring programs compile it to (dist/bench/test/world). */
const root = ['../../', '../../../../']
  .map((path) => fileURLToPath(new URL(path, import.meta.url)))
  .reduce((near, far) => (existsSync(join(near, 'package.json')) ? near : far));

/** A program of dist, once it is as new as its source. */
export function built(program: 'main.js' | 'command-line/main.js'): string {
  assertBuilt(join(root, 'src'), join(root, 'dist'));
  return join(root, 'dist', program);
}

function spawnServer(env: Record<string, string>): ServerProcess {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, [built('main.js')], {
    env: { PATH, HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      child.emit('line', line);
    });
  }
  const exited = once(child, 'close').then((ended): Exit => {
    const [code, signal] = ended as [Exit['code'], Exit['signal']];
    return { code, signal };
  });
  const port = Number(env['PORT']);
  const forget = isOurs(port, env['PUBLIC_URL']);
  void exited.then(forget);
  return {
    child,
    url: env['PUBLIC_URL'] ?? `http://localhost:${port}`,
    port,
    env,
    lines,
    exited,
    async line(pattern) {
      for (;;) {
        const found = lines.find((line) => pattern.test(line));
        if (found !== undefined) return found;
        const ended = exited.then(() => {
          throw new Error(`the process ended without a line ${String(pattern)}:\n${lines.join('\n')}`);
        });
        await Promise.race([once(child, 'line'), ended]);
      }
    },
    async stop(patience = 10_000) {
      child.kill('SIGTERM');
      const deadline = setTimeout(() => child.kill('SIGKILL'), patience);
      const exit = await exited;
      clearTimeout(deadline);
      return exit;
    },
  };
}

async function isReady(port: number): Promise<boolean> {
  const url = new URL(`http://127.0.0.1:${port}/readyz`);
  return send({ method: 'GET', url, headers: {} }).then(
    ({ status }) => status === 200,
    () => false,
  );
}

/** `node dist/main.js` with this environment over the test environment, once /readyz answers 200. */
export async function startProcess(
  env: Record<string, string> = {},
  { ready = true, tries = 3 } = {},
): Promise<ServerProcess> {
  const server = spawnServer(await testEnvironment(env));
  const deadline = Date.now() + 60_000;
  while (ready && !(await isReady(server.port))) {
    if (server.child.exitCode !== null || Date.now() > deadline) {
      await server.stop(0);
      // A port that was free a moment ago may be another connection's by now.
      const taken = server.lines.some((line) => line.includes('taken by another program'));
      if (taken && tries > 1) return startProcess(env, { ready, tries: tries - 1 });
      throw new Error(`the process never became ready:\n${server.lines.join('\n')}`);
    }
    await pause(25);
  }
  return server;
}

/** Runs the server with an environment that it is expected to refuse: how it ended and what it said. */
export async function runToExit(env: Record<string, string>, patience = 10_000): Promise<Exit & { output: string }> {
  const server = spawnServer(env);
  const deadline = setTimeout(() => server.child.kill('SIGKILL'), patience);
  const exit = await server.exited;
  clearTimeout(deadline);
  return { ...exit, output: server.lines.join('\n') };
}
