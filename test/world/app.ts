import { randomBytes } from 'node:crypto';
import { freePort } from './listen.js';
import { isOurs } from './our-answers.js';

/** What `src/gatehouse.ts` exports for those who run it inside their own process. */
export interface GatehouseOptions {
  env: Record<string, string>;
  /** Milliseconds since the epoch. */
  now?: () => number;
  logDestination?: { write(line: string): void };
}

export interface RunningGatehouse {
  /** PUBLIC_URL. */
  url: string;
  port: number;
  close(): Promise<void>;
}

export interface App extends RunningGatehouse {
  /** What it logged so far, a JSON line each. */
  lines: string[];
  /** The port that METRICS_PORT named. */
  metricsPort: number;
  /** Moves the clock of the server, not of the machine. */
  forward(seconds: number): void;
  now(): number;
}

const entry = ['..', '..', 'src', 'gatehouse.js'].join('/');

/** An environment in which the server starts without a warning: free ports, fresh secrets, the loudest log. */
export async function testEnvironment(env: Record<string, string> = {}): Promise<Record<string, string>> {
  return {
    NODE_ENV: 'development',
    HOST: '127.0.0.1',
    PORT: String(await freePort()),
    METRICS_PORT: String(await freePort()),
    SESSION_SECRET: randomBytes(32).toString('hex'),
    ENCRYPTION_KEYS: `k1:${randomBytes(32).toString('base64')}`,
    SANDBOX: 'off',
    LOG_LEVEL: 'debug',
    LOG_FORMAT: 'json',
    ...env,
  };
}

/** The server inside this process, with a movable clock. `env` is laid over the test environment. */
export async function startApp(env: Record<string, string> = {}, clock?: () => number): Promise<App> {
  const { startGatehouse } = (await import(entry)) as {
    startGatehouse: (options: GatehouseOptions) => Promise<RunningGatehouse>;
  };
  const lines: string[] = [];
  let ahead = 0;
  const now = () => (clock ?? Date.now)() + ahead;
  const whole = await testEnvironment(env);
  const running = await startGatehouse({ env: whole, now, logDestination: { write: (line) => lines.push(line) } });
  const forget = isOurs(running.port, whole['PUBLIC_URL']);
  return {
    url: running.url,
    port: running.port,
    close: () => running.close().finally(forget),
    lines,
    metricsPort: Number(whole['METRICS_PORT']),
    forward: (seconds) => {
      ahead += seconds * 1000;
    },
    now,
  };
}
