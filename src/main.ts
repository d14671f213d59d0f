import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { ConfigurationError } from './config/configuration-error.js';
import { armFaultPoint } from './fault-points.js';
import { startGatehouse } from './gatehouse.js';
import { greeting } from './greeting.js';
import { stopOnSignals } from './stop-on-signals.js';

/** The variables of the process, over those of a `.env` file in development. */
function readVariables(): Record<string, string | undefined> {
  if (process.env['NODE_ENV'] === 'production') return { ...process.env };
  try {
    return { ...parseEnv(readFileSync('.env', 'utf8')), ...process.env };
  } catch {
    return { ...process.env };
  }
}

armFaultPoint(process.env);
try {
  const gatehouse = await startGatehouse({ env: readVariables() });
  process.stdout.write(greeting(gatehouse));
  stopOnSignals(gatehouse);
} catch (error) {
  if (error instanceof ConfigurationError) process.stderr.write(`${error.message}\n`);
  else if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')
    process.stderr.write(
      'The port is taken by another program. Stop that one, or set PORT (and SANDBOX_PORT) to free ones.\n',
    );
  else
    process.stderr.write(
      `The server could not start: ${error instanceof Error ? (error.stack ?? error.message) : 'unknown error'}\n`,
    );
  process.exit(1);
}
