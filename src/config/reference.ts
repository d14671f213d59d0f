/** One environment variable, as docs/configuration.md describes it. A test compares the names with those that the code reads. */
export interface VariableReference {
  name: string;
  meaning: string;
  /** What applies if it is not set. */
  fallback: string;
  example?: string;
  /** Holds a secret: it can also come from a file, with `_FILE` after its name. */
  secret?: true;
}

export interface ReferenceSection {
  title: string;
  intro?: string;
  variables: readonly VariableReference[];
}

/** Every variable, in the order in which an operator sets them. */
export const reference: readonly ReferenceSection[] = [
  {
    title: 'Address',
    variables: [
      {
        name: 'PUBLIC_URL',
        meaning:
          'The address that browsers use; may hold a path. Cookies, HSTS and redirect URIs follow it. Production needs it, with https',
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
        name: 'METRICS_HOST',
        meaning: 'The address on which that port listens',
        fallback: '`127.0.0.1`; `0.0.0.0` in the image',
      },
      {
        name: 'KEEP_ALIVE_SECONDS',
        meaning:
          'Seconds that Gatehouse keeps a connection between two requests, from 1 to 86400. Set it longer than the proxy or load balancer in front keeps its own (600 at some). A connection that this side closes first costs the request that is on its way',
        fallback: '`65`',
        example: '620',
      },
      {
        name: 'TRACE_UPSTREAM',
        meaning:
          'Whether Gatehouse sends `traceparent` and `tracestate` (W3C Trace Context) to upstreams: `on` or `off`',
        fallback: 'on',
      },
      {
        name: 'TRUST_PROXY',
        meaning:
          'Proxies in front whose `X-Forwarded-*` headers Gatehouse believes: addresses, networks, or `loopback`, `linklocal`, `uniquelocal`; comma-separated. Or one number: how many proxies are in front, if their addresses change (a platform as a service: `1`). Then nothing else may reach the port',
        fallback: 'none',
        example: '10.0.0.0/8',
      },
      {
        name: 'HTTPS_PROXY',
        meaning:
          'The HTTP proxy through which Gatehouse reaches authorization servers and APIs; `https_proxy`, too. It may hold user and password',
        fallback: 'none',
        example: 'http://proxy.example.com:3128',
      },
      {
        name: 'HTTP_PROXY',
        meaning: 'The same for addresses of `http`, and for `https` without HTTPS_PROXY',
        fallback: 'none',
      },
      {
        name: 'NO_PROXY',
        meaning: 'Hosts that are reached straight, with those below them; comma-separated, with a port or not, or `*`',
        fallback: 'none',
        example: '.internal.example.com',
      },
      {
        name: 'ALLOWED_ORIGINS',
        meaning:
          'Further origins of the front end, same-site with PUBLIC_URL. They may call the API with the cookie, and a `return_to` may name them',
        fallback: 'none',
        example: 'https://app.example.com',
      },
      {
        name: 'EXPOSED_HEADERS',
        meaning:
          "Further headers of an API's response that scripts of ALLOWED_ORIGINS may read; comma-separated. Gatehouse exposes the usual ones for limits, pages and ids without it",
        fallback: 'none',
        example: 'X-Company-Id',
      },
      {
        name: 'COOKIE_NAME',
        meaning:
          'The prefix of the cookies: 1 to 64 letters, digits, `-` and `_`. Two instances on one host name need two, because cookies know no ports. After a change all people sign in again',
        fallback: '`gatehouse`',
        example: 'gatehouse-staging',
      },
    ],
  },
  {
    title: 'Secrets',
    intro:
      '`gatehouse init` makes both, `gatehouse keys rotate` changes them. If they are unset in development, Gatehouse makes them at random at each start. Production refuses unset, short and sample values.',
    variables: [
      {
        name: 'SESSION_SECRET',
        meaning: 'Signs the session cookie. At least 32 bytes each; comma-separated; the first signs, all verify',
        fallback: 'random in development',
        secret: true,
      },
      {
        name: 'ENCRYPTION_KEYS',
        meaning:
          'Encrypts tokens in the store: `id:base64` of 32 bytes each; comma-separated; the first encrypts, all decrypt',
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
        meaning: "PEM file of the authority that signed the server's certificate, if that is not a public one",
        fallback: 'the authorities that Node trusts',
      },
      {
        name: 'REDIS_PREFIX',
        meaning:
          'The prefix of every key and channel: two deployments that share a Redis need two. 1 to 64 letters, digits and `: . _ / -`. After a change the store is empty',
        fallback: 'none: keys begin with `gh:`',
        example: 'staging:',
      },
      {
        name: 'REDIS_SENTINEL_USERNAME',
        meaning: 'The user that the sentinels know, if they have ACL users',
        fallback: 'their `default` user',
      },
      {
        name: 'REDIS_SENTINEL_PASSWORD',
        meaning: "The sentinels' own password. The one in REDIS_URL is for the data nodes",
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
        name: 'CONNECTIONS_PER_HOLDER',
        meaning: 'Connections that one session may have, at all providers together; 1 to 1000',
        fallback: '`50`',
      },
      {
        name: 'PROXY_CALLS_PER_SESSION',
        meaning:
          'Calls to APIs that one session may have under way at a time in each process, with those of our own pages; more get 429',
        fallback: '`100`',
      },
    ],
  },
  {
    title: 'Providers and pages',
    intro:
      'A provider is available when its client id is set. `<ID>` is its id in capitals, with `_` for `-`: `ACME_BOOKS_CLIENT_ID` for `acme-books`. A provider file asks for a secret of its own with `{ secret: NAME }`: it is `<ID>_NAME`, or the file that `<ID>_NAME_FILE` names. `gatehouse providers` lists what is set and what is missing.',
    variables: [
      { name: 'PROVIDERS_DIR', meaning: 'Folder of further provider files (`*.yaml`)', fallback: 'none' },
      { name: '<ID>_CLIENT_ID', meaning: 'As registered at the provider', fallback: 'the provider is not available' },
      {
        name: '<ID>_CLIENT_SECRET',
        meaning: 'As registered at the provider',
        fallback: 'refused, except for a public client',
        secret: true,
      },
      {
        name: '<ID>_OFFERED',
        meaning: '`true`: offers a provider that people connect with a key (`grant: api_key`), which has no client id',
        fallback: 'the provider is not available',
      },
      {
        name: '<ID>_PRIVATE_KEY_FILE',
        meaning:
          'With `client_authentication: private_key_jwt`: the file of the private key (PEM or JSON Web Key). Two files, separated by a comma and the new one first, while you change it: if the provider refuses the client with the first, Gatehouse uses the second',
        fallback: 'refused where the file asks for it',
      },
      {
        name: '<ID>_CERTIFICATE_FILE',
        meaning:
          "With `client_authentication: tls` or `api.certificate`: the file of the client's certificate (PEM), with its private key or with `<ID>_PRIVATE_KEY_FILE` beside it",
        fallback: 'refused where the file asks for it',
      },
      {
        name: '<ID>_ENVIRONMENT',
        meaning:
          "One of the file's environments, such as `test` or `live`; production must choose if there are several",
        fallback: "the file's `default_environment`",
      },
      {
        name: '<ID>_SHARED_CLIENT',
        meaning: '`true`: you intend this client id in two environments, which production otherwise refuses',
        fallback: '`false`',
      },
      {
        name: '<ID>_WEBHOOK_SECRET',
        meaning:
          "Makes Gatehouse accept the provider's signed events at `/webhooks/<id>`; needs the next variable. Two values, separated by a comma, while you change it",
        fallback: 'events are not accepted',
        secret: true,
      },
      {
        name: '<ID>_WEBHOOK_FORWARD_URL',
        meaning: 'The address to which Gatehouse passes verified events on',
        fallback: 'none',
      },
      {
        name: '<ID>_WEBHOOK_FORWARD_SECRET',
        meaning:
          'Signs the events that Gatehouse passes on (Standard Webhooks): `whsec_` and base64 of 24 to 64 bytes. Two values, separated by a comma, while you change it: both sign',
        fallback: 'not signed by Gatehouse',
        secret: true,
      },
      {
        name: '<ID>_WEBHOOK_FORWARD_TIMEOUT',
        meaning: 'Seconds that your address may take for an event, 1 to 300',
        fallback: '`30`',
      },
      {
        name: 'VIEWS_DIR',
        meaning:
          'Folder of your own page templates and styles; each file replaces ours of the same name ([how](own-pages.md))',
        fallback: 'our pages',
      },
    ],
  },
  {
    title: "The embedding application's users",
    intro: 'With one of the first two, `PUT /api/session/owner` binds a session to a user of your application.',
    variables: [
      { name: 'OWNER_JWKS_URL', meaning: 'The public keys of your application', fallback: 'owners are off' },
      {
        name: 'OWNER_SECRET',
        meaning: 'Or the secret that it shares with this server; at least 32 bytes',
        fallback: 'owners are off',
        secret: true,
      },
      { name: 'OWNER_AUDIENCE', meaning: 'The audience that the assertions carry', fallback: 'required with them' },
      {
        name: 'CONNECTIONS',
        meaning:
          'Whose connections are: `session`, they end with the browser’s session; or `owner`, they belong to the person who signed in ([how](owners.md))',
        fallback: '`session`',
      },
      {
        name: 'SIGN_IN_WITH',
        meaning:
          'With `CONNECTIONS=owner`: providers whose Connect button signs a person in, with commas. Each needs `protocol: oidc` and `id_token: required`',
        fallback: 'none',
        example: 'request-finance',
      },
      {
        name: 'OWNER_SIGN_IN_URL',
        meaning:
          'With `CONNECTIONS=owner`: the page of your application that names its user. It gets `return_to` and `nonce`',
        fallback: 'none; this or `SIGN_IN_WITH` is required',
        example: 'https://app.example.com/sign-in',
      },
      {
        name: 'OWNER_MAX_AGE_SECONDS',
        meaning: 'Seconds after which a person has to sign in again; 60 or more. Nothing is lost',
        fallback: '`43200` (12 hours)',
      },
      {
        name: 'CONNECTION_IDLE_DAYS',
        meaning: 'Days that a connection of a person lives after its last use or renewal, 1 to 395',
        fallback: '`180`',
      },
    ],
  },
  {
    title: 'Sandbox, mode and log',
    variables: [
      {
        name: 'SANDBOX',
        meaning: 'The emulated providers: `on` or `off`. Never in production',
        fallback: 'on in development while no provider is configured',
      },
      {
        name: 'SANDBOX_PROVIDERS',
        meaning: 'Further providers of the catalogue that the sandbox emulates, with commas: `xero,stripe`',
        fallback: 'none',
      },
      { name: 'SANDBOX_PORT', meaning: 'The port of the emulated providers', fallback: '`3100`' },
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
