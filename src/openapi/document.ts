import { readFileSync } from 'node:fs';
import { connectPaths } from './connect.js';
import { connectionPaths } from './connections.js';
import { healthPaths } from './health.js';
import type { Paths, Server } from './operation.js';
import { pagePaths } from './pages.js';
import { proxyPaths } from './proxy.js';
import type { Schema } from './schema.js';
import { schemas } from './schemas.js';
import { sessionPaths } from './session.js';
import { webhookPaths } from './webhooks.js';

export interface OpenApi {
  openapi: string;
  info: { title: string; version: string; description: string; license: { name: string; identifier: string } };
  servers: readonly Server[];
  tags: readonly { name: string; description: string }[];
  paths: Paths;
  components: {
    schemas: Readonly<Record<string, Schema>>;
    securitySchemes: Readonly<Record<string, { type: 'apiKey'; in: 'cookie'; name: string; description: string }>>;
  };
}

/** Seen from src/openapi and from dist/openapi. */
const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/** The contract of every address of ours, as OpenAPI 3.1. `serverUrl` is PUBLIC_URL without a slash at its end. */
export function openApiDocument({ serverUrl, cookie }: { serverUrl: string; cookie: string }): OpenApi {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Gatehouse',
      version,
      description:
        'Connects a person to providers, keeps the tokens, and passes API calls on with the token attached. The browser holds one cookie and never sees a token. Every failure is a problem (RFC 9457) with a code.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: serverUrl, description: 'PUBLIC_URL' }],
    tags: [
      { name: 'Session', description: "The browser's session and its end" },
      { name: 'Connections', description: "The session's connections to providers" },
      { name: 'Proxy', description: "Calls to the providers' APIs" },
      { name: 'Connecting', description: 'The way to the authorization server and back' },
      { name: 'Webhooks', description: 'Events from providers' },
      { name: 'Operation', description: 'For those who run the server' },
      { name: 'Pages', description: 'For a person' },
    ],
    paths: {
      ...sessionPaths,
      ...connectionPaths,
      ...proxyPaths,
      ...connectPaths,
      ...webhookPaths,
      ...healthPaths,
      ...pagePaths,
    },
    components: {
      schemas,
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: cookie, description: 'The session; connecting begins one' },
      },
    },
  };
}
