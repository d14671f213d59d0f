import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { root } from './process.js';

const run = promisify(execFile);

export interface Load {
  url: string;
  headers: Readonly<Record<string, string>>;
  seconds: number;
  connections: number;
  /** Bytes of a POST body; a GET when absent. */
  bodyBytes?: number | undefined;
  /** A file with a Cookie header per line, used in turn. */
  cookieFile?: string | undefined;
}

export interface LoadResult {
  requests: number;
  /** Requests that failed or were answered with an error. */
  failed: number;
  microseconds: number;
  /** Microseconds. */
  p50: number;
  p99: number;
}

/** Lets wrk make the load with one thread. */
export async function load({ url, headers, seconds, connections, bodyBytes, cookieFile }: Load): Promise<LoadResult> {
  const lines = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '10s', '-s', `${root}bench/report.lua`];
  const { PATH = '' } = process.env;
  const env = {
    PATH,
    ...(bodyBytes === undefined ? {} : { BENCH_BODY_BYTES: String(bodyBytes) }),
    ...(cookieFile === undefined ? {} : { BENCH_COOKIES: cookieFile }),
  };
  const { stdout } = await run('wrk', [...args, ...lines, url], { env });
  const report = /^BENCH (.*)$/m.exec(stdout)?.[1];
  if (report === undefined) throw new Error(`wrk reported nothing:\n${stdout}`);
  return JSON.parse(report) as LoadResult;
}
