import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { freePort } from '../world/listen.js';
import type { Certificate } from './certificate.js';

export interface ReverseProxy {
  /** `https://127.0.0.1:port` of the listener that ends TLS. */
  https: string;
  /** `http://127.0.0.1:port` of the one that sends on to it. */
  http: string;
  /** Resolves with the first line of standard error that matches, also one that came before. */
  line(pattern: RegExp): Promise<string>;
  /** Resolves with the lines that it wrote about requests and errors. */
  stop(): Promise<string[]>;
}

export interface Placement {
  /** Where the server listens. */
  port: number;
  /** Where further processes of it listen. */
  further?: readonly number[];
  /** The path of PUBLIC_URL: '' or '/path'. */
  path: string;
  /** Whether the path is taken away on the way. */
  stripped: boolean;
  certificate: Certificate;
}

/** What a test changes in a file that the documentation recommends: each text has to be in it. */
type Changes = readonly (readonly [from: string, to: string])[];

interface Program {
  command: string[];
  env?: Record<string, string>;
  /** The line after which it listens. */
  ready: RegExp;
}

export const proxyNames = ['nginx', 'caddy'] as const;
export type ProxyName = (typeof proxyNames)[number];

const deploy = fileURLToPath(new URL('../../deploy/', import.meta.url));

async function recommended(file: string, changes: Changes): Promise<string> {
  let text = await readFile(join(deploy, file), 'utf8');
  for (const [from, to] of changes) {
    if (!text.includes(from)) throw new Error(`${file} does not hold ${from}`);
    text = text.replaceAll(from, to);
  }
  return text;
}

/** Where nginx writes its lines about requests; Caddy writes them to standard error. */
const accessLog = 'access.log';

/** In nginx the raw path is only at hand whole, so that a prefix is taken off by a map: docs/deployment.md shows it. */
const withoutPath = (path: string) =>
  `map $request_uri $uri_below { "~^${path}(?<rest>/.*)$" $rest; default $request_uri; }`;

async function nginx(folder: string, ports: Ports, place: Placement): Promise<Program> {
  const { port, further = [], path, stripped, certificate } = place;
  const site = await recommended('nginx/gatehouse.conf', [
    ['listen 80;', `listen 127.0.0.1:${ports.http};`],
    ['listen [::]:80;', ''],
    ['listen 443 ssl http2;', `listen 127.0.0.1:${ports.https} ssl http2;`],
    ['listen [::]:443 ssl http2;', ''],
    ['/etc/nginx/tls/', `${certificate.folder}/`],
    ['/etc/nginx/gatehouse-proxy.conf', join(deploy, 'nginx/gatehouse-proxy.conf')],
    [
      'server 127.0.0.1:3000 max_fails=1 fail_timeout=2s;',
      [port, ...further].map((each) => `server 127.0.0.1:${each} max_fails=1 fail_timeout=2s;`).join('\n'),
    ],
    ['/var/log/nginx/gatehouse.log', join(folder, accessLog)],
    ['location / {', `location ${path}/ {`],
    ...(stripped ? ([['proxy_pass http://gatehouse;', 'proxy_pass http://gatehouse$uri_below;']] as const) : []),
  ]);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  const lines = [
    'daemon off; master_process off; error_log stderr notice;',
    `pid ${folder}/pid;`,
    'events {}',
    `http { ${temporary.join(' ')} ${stripped ? withoutPath(path) : ''}`,
    site,
    '}',
  ];
  await writeFile(join(folder, 'nginx.conf'), lines.join('\n'));
  return { command: ['nginx', '-e', 'stderr', '-c', join(folder, 'nginx.conf')], ready: /\[notice\].* OS: / };
}

async function caddy(folder: string, ports: Ports, place: Placement): Promise<Program> {
  const { port, further = [], path, stripped, certificate } = place;
  const site = await recommended('caddy/Caddyfile', [
    ['connect.example.com {', `connect.example.com {\n\ttls ${certificate.file} ${certificate.keyFile}`],
    ['127.0.0.1:3000', [port, ...further].map((each) => `127.0.0.1:${each}`).join(' ')],
    ...(further.length > 0 ? ([['# health_', 'health_']] as const) : []),
    ...(stripped ? ([['\treverse_proxy ', `\turi strip_prefix ${path}\n\treverse_proxy `]] as const) : []),
    ...(path !== '' && !stripped ? ([['\treverse_proxy ', `\treverse_proxy ${path}/* `]] as const) : []),
  ]);
  const options = ['admin off', 'default_bind 127.0.0.1', `http_port ${ports.http}`, `https_port ${ports.https}`];
  await writeFile(join(folder, 'Caddyfile'), `{\n${options.join('\n')}\n}\n${site}`);
  return {
    command: ['caddy', 'run', '--config', join(folder, 'Caddyfile'), '--adapter', 'caddyfile'],
    env: { XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
    ready: /serving initial configuration/,
  };
}

interface Ports {
  http: number;
  https: number;
}

function launch({ command, env = {}, ready }: Program) {
  const [program = '', ...args] = command;
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(program, args, {
    env: { PATH: `${PATH}:/usr/sbin`, HOME, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
    child.once('error', () => resolve());
  });
  const lines: string[] = [];
  const listening = new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      lines.push(line);
      child.emit('line', line);
      if (ready.test(line)) resolve();
    });
    child.once('error', reject);
    void exited.then(() => reject(new Error(`${program} ended at once:\n${lines.join('\n')}`)));
  });
  return { child, exited, listening, lines };
}

/** The real program, with the file that the documentation recommends in front of a server of ours. */
export async function startReverseProxy(name: ProxyName, place: Placement, tries = 3): Promise<ReverseProxy> {
  const folder = await mkdtemp(join(tmpdir(), `${name}-`));
  const ports = { http: await freePort(), https: await freePort() };
  const { child, exited, listening, lines } = launch(await { nginx, caddy }[name](folder, ports, place));
  const removeFolder = () => rm(folder, { recursive: true, force: true });
  try {
    await listening;
  } catch (error) {
    await removeFolder();
    // A port that was free a moment ago may be another connection's by now.
    if (tries > 1 && /address already in use/i.test(String(error))) return startReverseProxy(name, place, tries - 1);
    throw error;
  }
  return {
    https: `https://127.0.0.1:${ports.https}`,
    http: `http://127.0.0.1:${ports.http}`,
    async line(pattern) {
      for (;;) {
        const found = lines.find((each) => pattern.test(each));
        if (found !== undefined) return found;
        await once(child, 'line');
      }
    },
    async stop() {
      child.kill('SIGTERM');
      await exited;
      const written = await readFile(join(folder, accessLog), 'utf8').catch(() => '');
      await removeFolder();
      return [...lines, ...written.split('\n')];
    },
  };
}
