import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { Configuration } from '../config/configuration.js';
import { describeError, type Log } from '../log/log.js';
import type { Metrics } from './metrics.js';

/**
 * GET /metrics on a port of its own, which is not for browsers. In development a port that is taken is logged alone: a
 * second server on the machine is no reason not to start. Production rejects.
 */
export async function openMetricsPort(
  metrics: Metrics,
  { metricsPort, metricsHost, production }: Configuration,
  log: Log,
): Promise<{ close(): Promise<void> }> {
  if (metricsPort === undefined) return { close: () => Promise.resolve() };
  const server = metricsServer(metrics);
  try {
    await once(server.listen(metricsPort, metricsHost), 'listening');
  } catch (error) {
    if (production) throw error;
    const taken = (error as { code?: unknown }).code === 'EADDRINUSE';
    const reason = taken ? 'is taken' : 'cannot be listened at';
    const hint = `port ${metricsPort} ${reason}; set METRICS_PORT to a free one, or to off`;
    log.warn('metrics.off', { hint, ...describeError(error) });
  }
  server.unref();
  return {
    close: async () => {
      server.closeAllConnections();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    },
  };
}

function metricsServer(metrics: Metrics): Server {
  return createServer((req, res) => {
    const path = (req.url ?? '').split('?')[0];
    if (path !== '/metrics' || (req.method !== 'GET' && req.method !== 'HEAD')) {
      res.writeHead(path === '/metrics' ? 405 : 404, { 'Content-Type': 'text/plain', Allow: 'GET, HEAD' }).end();
      return;
    }
    metrics.read().then(
      ({ text, contentType }) =>
        res.writeHead(200, { 'Content-Type': contentType, 'Cache-Control': 'no-store' }).end(text),
      () => res.writeHead(500).end(),
    );
  });
}
