import type { RequestHandler } from 'express';
import type { Services } from '../../services.js';

/** GET /healthz — the process is alive. */
export const healthz: RequestHandler = (_req, res) => {
  res.json({ status: 'ok' });
};

/** GET /readyz — ready to take calls: configured, the store answers, not shutting down. Issuers are listed and never fail it. */
export function readyz(
  { store, registry, directory }: Pick<Services, 'store' | 'registry' | 'directory'>,
  isShuttingDown: () => boolean,
): RequestHandler {
  return async (_req, res) => {
    const reachable = await store.ping().then(
      () => true,
      () => false,
    );
    const ready = reachable && !isShuttingDown();
    if (!ready) res.setHeader('Retry-After', '1');
    res.status(ready ? 200 : 503).json({
      status: ready ? 'ready' : isShuttingDown() ? 'shutting_down' : 'store_unavailable',
      store: reachable ? 'ok' : 'unavailable',
      providers: Object.fromEntries(registry.all().map((provider) => [provider.id, directory.state(provider)])),
    });
  };
}
