import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { built } from '../world/process.js';

export interface Ran {
  code: number | null;
  stdout: string;
  stderr: string;
  /** Everything that was written. */
  output: string;
  readonly json: unknown;
}

export type RunCommand = (args: readonly string[], env?: Record<string, string>) => Promise<Ran>;

/** An empty folder to run commands in, so that no `.env` of the machine is read. */
export async function createFolder() {
  const path = await mkdtemp(join(tmpdir(), 'gatehouse-command-'));
  const run: RunCommand = async (args, env = {}) => {
    const { PATH = '', HOME = '' } = process.env;
    const child = spawn(process.execPath, [built('command-line/main.js'), ...args], {
      cwd: path,
      env: { PATH, HOME, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const written = { stdout: '', stderr: '', output: '' };
    for (const name of ['stdout', 'stderr'] as const)
      child[name].setEncoding('utf8').on('data', (text: string) => {
        written[name] += text;
        written.output += text;
      });
    const [code] = (await once(child, 'close')) as [number | null];
    return {
      code,
      ...written,
      get json(): unknown {
        return JSON.parse(written.stdout) as unknown;
      },
    };
  };
  return { path, run, file: (name: string) => join(path, name), remove: () => rm(path, { recursive: true }) };
}

export type Folder = Awaited<ReturnType<typeof createFolder>>;
