import { randomBytes } from 'node:crypto';
import { stringify } from 'yaml';
import { startMisbehaving, type MisbehavingServer } from '../world/misbehaving.js';
import { createProvidersDirectory, type ProvidersDirectory } from '../world/providers-directory.js';
import { startRedis, type RedisServer } from '../world/redis.js';
import { testEnvironment } from '../world/app.js';
import { createFolder, type Folder } from './run-command.js';

export interface SeenFinding {
  check: string;
  level: 'fine' | 'note' | 'warning' | 'problem';
  what: string;
  where?: string;
  remedy?: string;
  provider?: string;
}

export interface Diagnosis {
  code: number | null;
  output: string;
  ok: boolean;
  findings: SeenFinding[];
  /** The findings of a level or worse than fine. */
  problems: SeenFinding[];
  warnings: SeenFinding[];
}

export interface DoctorWorld {
  folder: Folder;
  server: MisbehavingServer;
  redis: RedisServer;
  /** With Redis, fresh secrets and the provider `acme`; everything as it should be. */
  healthy: Record<string, string>;
  /** A folder of provider files with this one in it; removed at the end. */
  withFile(file: Record<string, unknown>): Promise<Record<string, string>>;
  examine(changes?: Record<string, string>): Promise<Diagnosis>;
  close(): Promise<void>;
}

/** What the doctor looks at, all of it well: a Redis that keeps what it is given, and an authorization server. */
export async function startDoctorWorld(): Promise<DoctorWorld> {
  const folder = await createFolder();
  const server = await startMisbehaving();
  const password = randomBytes(24).toString('hex');
  const redis = await startRedis({ password, args: ['--save', '3600', '1', '--appendonly', 'yes'] });
  const directories: ProvidersDirectory[] = [];
  const withFile = async (file: Record<string, unknown>) => {
    const directory = await createProvidersDirectory({ acme: stringify({ id: 'acme', name: 'Acme', ...file }) });
    directories.push(directory);
    return { PROVIDERS_DIR: directory.path };
  };
  const directory = await createProvidersDirectory({ acme: server.providerFile() });
  directories.push(directory);
  const healthy = {
    ...(await testEnvironment()),
    REDIS_URL: redis.url,
    PROVIDERS_DIR: directory.path,
    ...server.environment('acme'),
  };
  return {
    folder,
    server,
    redis,
    healthy,
    withFile,
    async examine(changes = {}) {
      const { code, output, json } = await folder.run(['doctor', '--json'], { ...healthy, ...changes });
      const { ok, findings } = json as Pick<Diagnosis, 'ok' | 'findings'>;
      const at = (level: string) => findings.filter((finding) => finding.level === level);
      return { code, output, ok, findings, problems: at('problem'), warnings: at('warning') };
    },
    async close() {
      await Promise.all([server.close(), redis.stop(), ...directories.map(({ remove }) => remove())]);
      await folder.remove();
    },
  };
}
