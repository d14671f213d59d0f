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

/** What each label may say. */
const values: Record<string, RegExp> = {
  provider: /^(none|request-finance|request-finance-m2m|invoiced|luca|luca-v2|financefeast)$/,
  outcome: /^(stored|cancelled|replaced|renewed|failed|passed_on|repeated|refused|[a-z]+(_[a-z]+)+)$/,
  result: /^(rotated|refreshed|transient|configuration|dead|presumed_dead)$/,
  source: /^(upstream|gatehouse|client_abort)$/,
  status_class: /^([1-5]xx|none)$/,
  status: /^[a-z]+(_[a-z]+)*$/,
  within: /^(ended|5m|1h|1d|7d|later)$/,
  refreshable: /^(yes|no)$/,
  state: /^(connecting|ready|lost)$/,
  operation: /^(get|get_many|recall|commit|increment|has_ended|ping)$/,
  from: /^(memory|store)$/,
  limit: /^(starts_of_address|calls_of_session|refreshes_of_connection|body_size)$/,
  revocation: /^(revoked|not_supported|failed|skipped|not_connected)$/,
  code: /^[a-z]+(_[a-z]+)+$/,
  le: /^(\+Inf|[\d.]+)$/,
};

test('whatever callers send, every label is one of ours, and nothing of theirs is to be read in the metrics', async () => {
  const app = await startApp({ SANDBOX: 'on', SANDBOX_PORT: String(await freePort()), LOG_LEVEL: 'error' });
  try {
    const browser = newBrowser(app.url);
    const [, invoiced] = firstCalls;
    if (!invoiced) throw new Error('no call');
    await connectAndRead(browser, invoiced);
    /** The samples after a round of calls that carry this mark wherever a caller can put a word. */
    const samplesAfter = async (mark: string): Promise<string[]> => {
      for (const word of ['canary', 'constructor', '__proto__', '%00', 'a"b\\c']) {
        const part = encodeURIComponent(word + mark);
        for (const path of [`/proxy/${part}/x`, `/proxy/invoiced/${part}?x=${part}`, `/connect/${part}`, `/${part}`])
          await browser.api.get(path);
        await browser.api.get(`/connect/invoiced/callback?state=${part}&code=${part}&error=${part}`);
        await browser.api.post(`/api/connections/${part}/refresh`);
        await browser.api.delete(`/api/connections/${part}`);
      }
      const { text } = await read(`http://127.0.0.1:${app.metricsPort}/metrics`);
      return text.split('\n').filter((line) => /^(gatehouse|process|nodejs)_/.test(line));
    };
    const [first, second] = [await samplesAfter('one'), await samplesAfter('two')];
    const ours = second.filter((line) => line.startsWith('gatehouse_'));
    expect(ours.length).toBeGreaterThan(100);
    for (const line of ours)
      for (const [, label = '', value = ''] of line.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g))
        expect([label, value]).toEqual([label, expect.stringMatching(values[label] ?? /^no such label$/)]);
    expect(second.join('\n')).not.toMatch(/canary|constructor|__proto__/);
    // Other words add to what is counted, and nothing to what is told apart.
    const series = (lines: readonly string[]) =>
      lines.map((line) => line.replace(/ [^ ]+$/, '')).filter((line) => line.startsWith('gatehouse_'));
    expect(series(second)).toEqual(series(first));
    expect(second.some((line) => line.startsWith('nodejs_eventloop_lag_p99_seconds '))).toBe(true);
  } finally {
    await app.close();
  }
}, 60_000);
