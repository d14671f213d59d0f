import express, { type ErrorRequestHandler, type Express } from 'express';
import type { SandboxControl } from './control/control.js';
import { controlRoutes } from './control/control-routes.js';
import { financefeast } from './financefeast/financefeast.js';
import { invoiced } from './invoiced/invoiced.js';
import { luca } from './luca/luca.js';
import { lucaV2 } from './luca-v2/luca-v2.js';
import { metadata as lucaV2Metadata, protectedResource } from './luca-v2/metadata.js';
import type { Emulator } from './pack/emulator.js';
import { packProvider } from './pack/pack.js';
import { stylesheet } from './pages/stylesheet.js';
import { metadata as requestFinanceMetadata } from './request-finance/metadata.js';
import { requestFinance } from './request-finance/request-finance.js';
import type { World } from './state/world.js';

/** The whole sandbox as one application: a path for every provider, and `/control`. */
export function sandboxApp(world: World, control: SandboxControl, emulators: readonly Emulator[]): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(express.text({ type: 'application/x-www-form-urlencoded', limit: '256kb' }));
  app.use(express.json({ limit: '5mb' }));

  app.get('/sandbox.css', (_req, res) => void res.type('css').set('Cache-Control', 'max-age=3600').send(stylesheet));
  app.get('/', (_req, res) => res.redirect(303, '/control'));
  app.use('/control', controlRoutes(world, control));

  app.get('/.well-known/oauth-authorization-server/request-finance', requestFinanceMetadata(world));
  app.get('/.well-known/oauth-authorization-server/luca-v2', lucaV2Metadata(world));
  app.get('/.well-known/oauth-protected-resource/luca-v2', protectedResource(world));
  app.use('/request-finance', requestFinance(world));
  app.use('/invoiced/sandbox', invoiced(world, 'sandbox'));
  app.use('/invoiced/production', invoiced(world, 'production'));
  app.use('/luca', luca(world));
  app.use('/luca-v2', lucaV2(world));
  app.use('/financefeast', financefeast(world));
  for (const emulator of emulators) app.use(`/${emulator.realm}`, packProvider(world, emulator));

  app.use((_req, res) => void res.status(404).json({ error: 'not_found' }));
  app.use(answerError(world));
  return app;
}

function answerError({ log }: World): ErrorRequestHandler {
  return (error: unknown, _req, res, next) => {
    if (res.headersSent) {
      next(error);
      return;
    }
    const status = error instanceof Error && 'status' in error && typeof error.status === 'number' ? error.status : 500;
    if (status >= 500) log('failed', { error: error instanceof Error ? error.name : 'unknown' });
    res.status(status).json({ error: status < 500 ? 'invalid_request' : 'server_error' });
  };
}
