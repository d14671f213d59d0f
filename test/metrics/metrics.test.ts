import { expect, test } from '@jest/globals';
import { get } from 'node:http';
import { firstCalls, connectAndRead, newBrowser } from '../first-run/journeys.js';
import { startApp } from '../world/app.js';
import { freePort } from '../world/listen.js';

function read(url: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    get(url, (res) => {
      let text = '';
      res.on('data', (chunk: Buffer) => (text += chunk.toString()));
      res.on('end', () => resolve({ status: res.statusCode ?? 0, text }));
    }).on('error', reject);
  });
}

test('metrics on their own port count starts, callbacks, calls and problems, and name no person', async () => {
  const app = await startApp({ SANDBOX: 'on', SANDBOX_PORT: String(await freePort()), LOG_LEVEL: 'error' });
  try {
    const browser = newBrowser(app.url);
    const [, invoiced] = firstCalls;
    if (!invoiced) throw new Error('no call');
    await connectAndRead(browser, invoiced);
    await browser.api.post('/api/connections/invoiced/refresh');
    await browser.get('/proxy/invoiced/invoices');
    const { status, text } = await read(`http://127.0.0.1:${app.metricsPort}/metrics`);
    expect(status).toBe(200);
    for (const line of [
      'gatehouse_connect_starts_total{provider="invoiced"} 1',
      'gatehouse_callbacks_total{provider="invoiced",outcome="stored"} 1',
      'gatehouse_refreshes_total{provider="invoiced",result="rotated"} 1',
      'gatehouse_proxied_calls_total{provider="invoiced",source="upstream",status_class="2xx"} 1',
      'gatehouse_problems_total{code="csrf_required"} 1',
      'gatehouse_proxied_call_seconds_count{provider="invoiced"} 1',
      'gatehouse_store_ready 1',
    ])
      expect(text).toContain(line);
    expect(text).not.toContain('tenant:');
    expect((await read(`${app.url}/metrics`)).status).toBe(404);
  } finally {
    await app.close();
  }
});
