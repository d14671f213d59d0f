import { request } from 'undici';
import { createDispatcher, type ProxySettings } from '../../http/dispatcher.js';

/** How an address answered, or why it did not, in one word. */
export type Probed = { status: number; date: number | undefined; body: string } | { failure: string };

/** Milliseconds. */
const timeoutMs = 5_000;

/** Asks an address without credentials, and follows nothing. A POST carries an empty form. */
export async function probe(
  url: string,
  proxies: ProxySettings | undefined,
  method: 'GET' | 'POST' = 'GET',
): Promise<Probed> {
  // A certificate that is not believed fails here as it fails for the server.
  const dispatcher = createDispatcher({ connectTimeoutMs: timeoutMs, proxies, prepare: (_socket, use) => use() });
  try {
    const answer = await request(url, {
      dispatcher,
      method,
      headers: {
        accept: 'application/json',
        'user-agent': 'gatehouse-doctor',
        ...(method === 'POST' ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
      },
      ...(method === 'POST' ? { body: '' } : {}),
      signal: AbortSignal.timeout(timeoutMs),
    });
    const date = Date.parse(String(answer.headers['date'] ?? ''));
    let body = '';
    for await (const chunk of answer.body as AsyncIterable<Buffer>) {
      body += chunk.toString('utf8');
      if (body.length > 65_536) break;
    }
    return { status: answer.statusCode, date: Number.isNaN(date) ? undefined : date, body };
  } catch (error) {
    return { failure: reason(error) };
  } finally {
    await dispatcher.destroy();
  }
}

function reason(error: unknown): string {
  for (let at = error; at instanceof Error; at = at.cause) {
    if ('code' in at && typeof at.code === 'string' && !at.code.startsWith('UND_ERR_ABORTED')) return at.code;
    if (at.name === 'TimeoutError') return 'TIMEOUT';
  }
  return 'UNREACHABLE';
}
