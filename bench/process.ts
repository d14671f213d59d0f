import { spawn, type ChildProcess } from 'node:child_process';
import { openSync, readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** The repository's folder; compiled, this file lies in dist/bench/bench. */
export const root = new URL('../../../', import.meta.url).pathname;

export interface Running {
  child: ChildProcess;
  stop(): Promise<void>;
}

const alive = new Set<ChildProcess>();
process.once('exit', () => alive.forEach((child) => child.kill('SIGKILL')));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

export interface Launch {
  command: string;
  args: readonly string[];
  env: Record<string, string>;
  /** Where it will listen. */
  port: number;
  /** What it prints goes here. */
  logFile: string;
}

/** Starts a program and waits until it accepts connections. */
export async function launch({ command, args, env, port, logFile }: Launch): Promise<Running> {
  const { PATH = '', HOME = '' } = process.env;
  const log = openSync(logFile, 'a');
  const child = spawn(command, args, { env: { PATH, HOME, ...env }, stdio: ['ignore', log, log] });
  alive.add(child);
  child.once('error', () => undefined);
  const deadline = Date.now() + 15_000;
  while (!(await accepts(port))) {
    if (child.exitCode !== null || child.pid === undefined || Date.now() > deadline)
      throw new Error(`${command} did not start:\n${readFileSync(logFile, 'utf8').slice(-2000)}`);
    await pause(10);
  }
  return {
    child,
    async stop() {
      alive.delete(child);
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      const deadline = setTimeout(() => child.kill('SIGKILL'), 3000);
      await gone;
      clearTimeout(deadline);
    },
  };
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

/** Clock ticks of `/proc/PID/stat` a second, as Linux has it on every architecture of interest. */
const ticksPerSecond = 100;

/** Microseconds of processor time, user and system, that a process and its descendants have used so far. */
export function processorTime(pid: number): number {
  const stats = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (statOf(Number(name)) ?? []) : []));
  const family = new Set([pid]);
  // A child has a higher number than its parent except after a wrap-around; a second pass costs nothing.
  for (let pass = 0; pass < 2; pass += 1) for (const { pid, parent } of stats) if (family.has(parent)) family.add(pid);
  const ticks = stats.filter(({ pid }) => family.has(pid)).reduce((sum, stat) => sum + stat.ticks, 0);
  return (ticks * 1_000_000) / ticksPerSecond;
}

function statOf(pid: number): { pid: number; parent: number; ticks: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is a name in brackets, which may hold anything.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { pid, parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) };
  } catch {
    return undefined;
  }
}
