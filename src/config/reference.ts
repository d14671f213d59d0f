/** One environment variable, as docs/configuration.md tells it. A test compares the names with those that the code reads. */
export interface VariableReference {
  name: string;
  meaning: string;
  /** What holds where it is not set. */
  fallback: string;
  example?: string;
  /** Holds a secret: it can also be given as a file, with `_FILE` behind its name. */
  secret?: true;
}

export interface ReferenceSection {
  title: string;
  intro?: string;
  variables: readonly VariableReference[];
}

/** Every variable, in the order in which somebody sets them. */
export const reference: readonly ReferenceSection[] = [
  {
    title: 'Address',
    variables: [
      {
        name: 'PUBLIC_URL',
        meaning:
          'What browsers see; may hold a path. Cookies, HSTS and redirect URIs follow it. Production needs it, with https',
        fallback: '`http://localhost:PORT` in development',
        example: 'https://connect.example.com',
      },
      { name: 'HOST', meaning: 'The address to listen on', fallback: '`127.0.0.1`; `0.0.0.0` in the image' },
      { name: 'PORT', meaning: 'The port to listen on', fallback: '`3000`' },
      {
        name: 'METRICS_PORT',
        meaning: 'The port of `GET /metrics`, which is not for the public',
        fallback: '`9464`',
      },
      {
        name: 'TRACE_UPSTREAM',
        meaning: 'Whether upstreams are sent `traceparent` and `tracestate` (W3C Trace Context): `on` or `off`',
        fallback: 'on',
      },
      {
        name: 'TRUST_PROXY',
        meaning:
          'Proxies in front whose `X-Forwarded-*` headers are believed: addresses, networks, or `loopback`, `linklocal`, `uniquelocal`; comma-separated',
        fallback: 'none',
        example: '10.0.0.0/8',
      },
      {
        name: 'ALLOWED_ORIGINS',
        meaning:
          'Further origins of the front end, same-site with PUBLIC_URL: they may call the API with the cookie, and a `return_to` may name them',
        fallback: 'none',
        example: 'https://app.example.com',
      },
    ],
  },
  {
    title: 'Secrets',
    intro:
      '`gatehouse init` makes both, `gatehouse keys rotate` changes them. Unset in development they are made at random at each start; production refuses them unset, short, or a sample value.',
    variables: [
      {
        name: 'SESSION_SECRET',
        meaning: 'Signs the session cookie. At least 32 bytes; comma-separated, the first signs, all verify',
        fallback: 'random in development',
        secret: true,
      },
      {
        name: 'ENCRYPTION_KEYS',
        meaning:
          'Encrypts tokens in the store: `id:base64` of 32 bytes; comma-separated, the first encrypts, all decrypt',
        fallback: 'random in development',
        secret: true,
      },
    ],
  },
  {
    title: 'Sessions and their store',
    variables: [
      {
        name: 'REDIS_URL',
        meaning:
          '`redis[s]://user:password@host:6379/0`, `redis[s]+sentinel://user:password@host:26379,host:26379/master-name` or `redis[s]+cluster://user:password@host:6379,host:6379`. Production needs it',
        fallback: 'sessions in the process, in development',
        secret: true,
      },
      {
        name: 'REDIS_CA_FILE',
        meaning: "PEM file of the authority that signed the server's certificate, where that is not a public one",
        fallback: 'the authorities that Node trusts',
      },
      {
        name: 'REDIS_SENTINEL_PASSWORD',
        meaning: "The sentinels' own password; the one in REDIS_URL is for the data nodes",
        fallback: 'none',
        secret: true,
      },
      {
        name: 'SESSION_IDLE_SECONDS',
        meaning: 'Seconds until an unused session ends, with its connections',
        fallback: '`604800` (7 days)',
      },
      {
        name: 'SESSION_MAX_SECONDS',
        meaning: 'Seconds until any session ends',
        fallback: '`2592000` (30 days)',
      },
      {
        name: 'PROXY_CALLS_PER_SESSION',
        meaning:
          'Proxied calls that one session may have under way at a time; more are answered 429. A quarter holds in each process, the rest exists once for all of them; while the store is away the whole holds in each',
        fallback: '`100`',
      },
    ],
  },
  {
    title: 'Providers and pages',
    intro:
      'A provider is on offer when its client id is set. `<ID>` is its id in capitals, `-` as `_`: `ACME_BOOKS_CLIENT_ID` for `acme-books`. `gatehouse providers` lists what is set and what is missing.',
    variables: [
      { name: 'PROVIDERS_DIR', meaning: 'Folder of further provider files (`*.yaml`)', fallback: 'none' },
      { name: '<ID>_CLIENT_ID', meaning: 'As registered at the provider', fallback: 'the provider is not on offer' },
      {
        name: '<ID>_CLIENT_SECRET',
        meaning: 'As registered at the provider',
        fallback: 'refused, except for a public client',
        secret: true,
      },
      {
        name: '<ID>_ENVIRONMENT',
        meaning:
          "One of the file's environments, such as `test` or `live`; production must choose where there are several",
        fallback: "the file's `default_environment`",
      },
      {
        name: '<ID>_SHARED_CLIENT',
        meaning: '`true`: this client id is meant to be used in two environments, which production otherwise refuses',
        fallback: '`false`',
      },
      {
        name: '<ID>_WEBHOOK_SECRET',
        meaning: "Takes the provider's signed events at `/webhooks/<id>`; goes together with the next one",
        fallback: 'events are not taken',
        secret: true,
      },
      { name: '<ID>_WEBHOOK_FORWARD_URL', meaning: 'Where verified events are passed on to', fallback: 'none' },
      {
        name: 'VIEWS_DIR',
        meaning:
          'Folder of your own page templates and styles; each file replaces ours of that name ([how](own-pages.md))',
        fallback: 'our pages',
      },
    ],
  },
  {
    title: "The embedding application's users",
    intro: 'With one of the first two, `PUT /api/session/owner` binds a session to a user of yours.',
    variables: [
      { name: 'OWNER_JWKS_URL', meaning: 'The public keys of your application', fallback: 'owners are off' },
      {
        name: 'OWNER_SECRET',
        meaning: 'Or the secret that it shares with this server; at least 32 bytes',
        fallback: 'owners are off',
        secret: true,
      },
      { name: 'OWNER_AUDIENCE', meaning: 'The audience that the assertions carry', fallback: 'required with them' },
    ],
  },
  {
    title: 'Sandbox, mode and log',
    variables: [
      {
        name: 'SANDBOX',
        meaning: 'The emulated providers: `on` or `off`. Never in production',
        fallback: 'on in development while no provider is set up',
      },
      { name: 'SANDBOX_PORT', meaning: 'Where they answer', fallback: '`3100`' },
      {
        name: 'NODE_ENV',
        meaning: '`production`: no sandbox, no `.env`, no defaults for secrets, https alone',
        fallback: 'development',
      },
      { name: 'LOG_LEVEL', meaning: '`silent`, `error`, `warn`, `info` or `debug`', fallback: '`info`' },
      { name: 'LOG_FORMAT', meaning: '`json` or `text`', fallback: '`json` in production, else `text`' },
    ],
  },
];
