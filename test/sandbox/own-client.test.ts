import { expect, test } from '@jest/globals';
import { startProviderWorld } from '../providers/provider-world.js';

const own = (environment: string) => `
  ${environment}:
    endpoints:
      authorization: SANDBOX/invoiced/${environment}/oauth/authorize
      token: SANDBOX/invoiced/${environment}/oauth/access_token
      revocation: SANDBOX/invoiced/${environment}/oauth/revoke
    api: { base_url: SANDBOX/invoiced/${environment}/api }`;

test.each([
  ['that is chosen', { MINE_ENVIRONMENT: 'production' }],
  ['that the file falls back to', {}],
])('the sandbox admits a client whose address stands under the environment %s', async (_which, env) => {
  const world = await startProviderWorld({
    env: { MINE_CLIENT_ID: 'my-own', MINE_CLIENT_SECRET: 'my-own-secret', ...env },
    files: { mine: `id: mine\nextends: invoiced\nenvironments:${own('sandbox')}${own('production')}\n` },
  });
  try {
    const browser = await world.connected('mine');
    expect((await browser.api.get('/proxy/mine/invoices')).status).toBe(200);
  } finally {
    await world.close();
  }
});
