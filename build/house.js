/*
 * The house: the rooms of src from the roof to the ground, and what each may import. A room is a folder of src or a file that
 * lies in src itself; it names only rooms below it. ESLint and dependency-cruiser read this table, type imports included.
 */

/** Small modules that know no room. Every room may import them, and they import nothing but each other. */
export const ground = [
  'compact',
  'contract',
  'errors',
  'exact-json',
  'fault-points',
  'in-flight',
  'is-same-secret',
  'issuer',
  'json-pointer',
  'nearest-name',
  'read-time',
];

/** @type {Readonly<Record<string, readonly string[]>>} */
export const house = {
  'command-line': [
    'main',
    'read-variables',
    'records',
    'sessions',
    'connections',
    'oauth',
    'store',
    'providers',
    'config',
    'log',
    'http',
  ],

  main: ['greeting', 'stop-on-signals', 'gatehouse', 'read-variables', 'config'],
  greeting: ['gatehouse'],
  'stop-on-signals': ['gatehouse', 'log'],

  gatehouse: [
    'app',
    'with-sandbox',
    'sandbox',
    'services',
    'records',
    'metrics',
    'sessions',
    'connections',
    'proxy',
    'oauth',
    'store',
    'providers',
    'views',
    'config',
    'log',
    'http',
  ],
  'with-sandbox': ['sandbox', 'providers', 'config', 'log'],
  sandbox: ['providers'],

  app: [
    'endpoints/pages',
    'endpoints/api',
    'endpoints/connect',
    'endpoints/calls',
    'endpoints/request',
    'middleware',
    'services',
    'providers',
    'views',
    'config',
    'http',
  ],
  'endpoints/pages': [
    'endpoints/api',
    'endpoints/connect',
    'endpoints/calls',
    'endpoints/request',
    'middleware',
    'openapi',
    'services',
    'sessions',
    'proxy',
    'oauth',
    'providers',
    'views',
    'config',
    'http',
    'scripts',
  ],
  'endpoints/api': [
    'endpoints/connect',
    'endpoints/calls',
    'endpoints/request',
    'middleware',
    'webhooks',
    'services',
    'metrics',
    'sessions',
    'connections',
    'oauth',
    'store',
    'providers',
    'views',
    'config',
    'log',
    'http',
  ],
  'endpoints/connect': [
    'endpoints/request',
    'middleware',
    'services',
    'sessions',
    'connections',
    'oauth',
    'store',
    'providers',
    'config',
    'log',
    'http',
  ],
  'endpoints/calls': [
    'endpoints/request',
    'middleware',
    'services',
    'sessions',
    'connections',
    'proxy',
    'store',
    'providers',
    'config',
    'log',
    'http',
  ],
  'endpoints/request': ['middleware', 'sessions', 'connections', 'providers', 'views', 'config', 'http'],
  middleware: ['sessions', 'proxy', 'store', 'providers', 'views', 'config', 'log', 'http'],
  webhooks: ['connections', 'store', 'providers', 'http'],
  openapi: ['oauth'],

  services: [
    'records',
    'metrics',
    'sessions',
    'connections',
    'proxy',
    'oauth',
    'store',
    'providers',
    'config',
    'log',
    'http',
  ],
  records: ['sessions', 'connections', 'oauth', 'store', 'providers', 'config', 'log', 'http'],
  metrics: ['proxy', 'store', 'config', 'log'],
  sessions: ['connections', 'oauth', 'store', 'providers', 'config', 'log'],
  connections: ['oauth', 'store', 'providers', 'config', 'log', 'http'],
  proxy: ['providers', 'http'],
  oauth: ['providers', 'config', 'log', 'http'],
  store: ['log'],
  providers: ['config'],
  views: ['scripts'],
  'read-variables': ['config'],
  config: ['log', 'http'],
  log: [],
  http: [],
  /** The modules that browsers load from this server; they know nothing of it. */
  client: [],
  /** views/assets: the pages' scripts. The server shares those that know nothing of the page. */
  scripts: [],
};

/**
 * The room of a path from the repository's folder on; undefined outside of the house.
 * @param {string} path
 */
export function roomOf(path) {
  if (path.startsWith('views/assets/')) return 'scripts';
  const [top, ...parts] = path.replace(/\.(ts|js)$/, '').split('/');
  if (top !== 'src' || parts[0] === undefined) return undefined;
  return parts[0] === 'endpoints' ? parts.slice(0, 2).join('/') : parts[0];
}
