import { ConfigurationError } from './config/configuration-error.js';
import { armFaultPoint } from './fault-points.js';
import { startGatehouse } from './gatehouse.js';
import { greeting } from './greeting.js';
import { readVariables } from './read-variables.js';
import { stopOnSignals } from './stop-on-signals.js';

/** A failed listen names its port and address; both come from our own settings. */
function whyNotListening(
  error: Error & { code?: unknown; port?: unknown; address?: unknown; hostname?: unknown },
): string {
  const place = `port ${String(error.port)} of ${String(error.address ?? error.hostname)}`;
  if (error.code === 'EADDRINUSE')
    return `${place} is taken by another program. Stop that one, or set PORT, METRICS_PORT or SANDBOX_PORT to a free one.`;
  if (error.code === 'EACCES') return `${place} may not be used by this user. Set PORT to one above 1023.`;
  return `The server cannot listen at ${place} (${String(error.code)}). Set HOST to an address of this machine.`;
}

// The other of the two streams says that lines are lost from here on.
process.stdout.once('error', ({ code = 'unknown' }: NodeJS.ErrnoException) => {
  process.stderr.write(`Log lines cannot be written to standard output (${code}). The server goes on without them.\n`);
});
armFaultPoint(process.env);
try {
  const gatehouse = await startGatehouse(readVariables());
  process.stdout.write(greeting(gatehouse));
  stopOnSignals(gatehouse);
} catch (error) {
  if (error instanceof ConfigurationError) process.stderr.write(`${error.message}\n`);
  else if (error instanceof Error && 'syscall' in error && /^(listen|getaddrinfo)$/.test(String(error.syscall)))
    process.stderr.write(`${whyNotListening(error)}\n`);
  else
    process.stderr.write(
      `The server could not start: ${error instanceof Error ? (error.stack ?? error.message) : 'unknown error'}\n`,
    );
  process.exit(1);
}
