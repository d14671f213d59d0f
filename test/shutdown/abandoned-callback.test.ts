import { expect, test } from '@jest/globals';
import { request } from 'node:http';
import { createBrowser } from '../world/browser.js';
import { connect } from '../world/journey.js';
import { startProcess } from '../world/process.js';
import { startRefreshWorld } from '../refresh/refresh-world.js';

test('a sign-in whose browser hung up is still finished before the process ends', async () => {
  const world = await startRefreshWorld({ apps: 0 });
  const server = await startProcess(world.env);
  try {
    const browser = createBrowser(server.url);
    const { callbackUrl } = await connect(browser, 'acme', { stopAt: 'callback' });
    if (!callbackUrl) throw new Error('never came to the callback');
    let arrived: () => void = () => undefined;
    const asked = new Promise<void>((resolve) => (arrived = resolve));
    world.server.bend.token = {
      get wait() {
        arrived();
        return 4_000;
      },
    };
    const headers = { cookie: browser.cookieHeader() ?? '' };
    const { pathname, search } = callbackUrl;
    const calling = request({ port: server.port, host: '127.0.0.1', path: pathname + search, headers });
    calling.on('error', () => undefined).end();
    await asked;
    const gone = new Promise((resolve) => calling.once('close', resolve));
    calling.destroy();
    await gone;
    server.child.kill('SIGTERM');
    expect((await server.exited).code).toBe(0);
    expect(server.lines.filter((line) => line.includes('connection.stored'))).toHaveLength(1);
  } finally {
    server.child.kill('SIGKILL');
    await world.close();
  }
});
