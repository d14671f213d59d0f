/*
 * Starts Gatehouse with its sandbox, and this application on a port of its own: `npm run example`. PORT, SANDBOX_PORT and
 * METRICS_PORT are Gatehouse's, EXAMPLE_PORT is the application's.
 */
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const { PORT = '3000', EXAMPLE_PORT = '4000' } = process.env;
const gatehouse = `http://localhost:${PORT}`;
const application = `http://localhost:${EXAMPLE_PORT}`;

const files = new Map([
  ['/', ['index.html', 'text/html; charset=utf-8']],
  ['/app.js', ['app.js', 'text/javascript']],
  ['/style.css', ['style.css', 'text/css']],
]);

/** All that a page with Gatehouse needs to be allowed, and nothing more. */
const policy = `default-src 'none'; script-src 'self' ${gatehouse}; connect-src ${gatehouse}; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

const server = createServer(async (req, res) => {
  const [name, type] = files.get(new URL(req.url ?? '/', application).pathname) ?? [];
  if (name === undefined) {
    res.writeHead(404).end('Nothing here');
    return;
  }
  const text = await readFile(new URL(name, import.meta.url), 'utf8');
  res.writeHead(200, { 'Content-Type': type, 'Content-Security-Policy': policy });
  res.end(text.replaceAll('%GATEHOUSE%', gatehouse));
});

const child = spawn(process.execPath, [fileURLToPath(new URL('../../dist/main.js', import.meta.url))], {
  env: { ...process.env, PUBLIC_URL: gatehouse, ALLOWED_ORIGINS: application },
  stdio: 'inherit',
});
child.on('exit', (code) => process.exit(code ?? 1));
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.on(signal, () => child.kill(signal));
server.listen(Number(EXAMPLE_PORT), '127.0.0.1', () =>
  process.stdout.write(`The application is at ${application}, Gatehouse at ${gatehouse}\n`),
);
