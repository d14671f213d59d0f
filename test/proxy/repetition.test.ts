import { afterEach, expect, test } from '@jest/globals';
import { GatehouseError } from '../../src/errors.js';
import { bodyOf, closeAll, closing, exchange, gateway, rawClient, rawUpstream, upstream } from './harness.js';

afterEach(closeAll);

const end = 'Host: h\r\nConnection: close\r\n\r\n';
const get = `GET /proxy/acme/x HTTP/1.1\r\n${end}`;

/** Takes token t2 only, and records what it saw. */
async function wantsNewToken(seen: string[]) {
  return upstream((req, res) => {
    void bodyOf(req).then((body) => {
      seen.push(`${req.headers.authorization} ${body.toString().slice(0, 10)} ${body.length}`);
      if (req.headers.authorization === 'Bearer t2') res.end('welcome');
      else res.writeHead(401, { 'WWW-Authenticate': 'Bearer error="invalid_token"' }).end('who?');
    });
  });
}

test('a rejected token is renewed and the call sent once more', async () => {
  const seen: string[] = [];
  const asked: unknown[] = [];
  const api = await wantsNewToken(seen);
  const gate = await gateway(api.url, {
    onAuthFailure: (status, headers) => {
      asked.push(status, headers.includes('Bearer error="invalid_token"'));
      return new Promise((resolve) => setTimeout(resolve, 20, 'Bearer t2'));
    },
  });
  expect(await exchange(gate.port, get)).toMatch(/^HTTP\/1\.1 200 [^]*welcome/);
  expect(asked).toEqual([401, true]);
  expect(seen).toEqual(['Bearer t1  0', 'Bearer t2  0']);
  expect(await gate.outcome()).toMatchObject({ source: 'upstream', status: 200, repeated: true });
  expect(api.sockets).toHaveLength(1);
});

test.each([
  ['with a length', 'Content-Length: 5\r\n\r\nhello', 5],
  ['in chunks', 'Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n', 5],
  ['of 64 KiB', `Content-Length: 65536\r\n\r\n${'hello678'.repeat(8192)}`, 65_536],
])('a body %s is repeated with the call', async (_, rest, length) => {
  const seen: string[] = [];
  const api = await wantsNewToken(seen);
  const gate = await gateway(api.url, { onAuthFailure: () => Promise.resolve('Bearer t2') });
  const answer = await exchange(gate.port, `POST /proxy/acme/x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n${rest}`);
  expect(answer).toMatch(/^HTTP\/1\.1 200/);
  const text = length === 5 ? 'hello' : 'hello678he';
  expect(seen).toEqual([`Bearer t1 ${text} ${length}`, `Bearer t2 ${text} ${length}`]);
});

test.each(['length', 'chunks'])(
  'a body above 64 KiB (%s) is not kept: there is a new token, and the refusal passes on with that reason',
  async (framing) => {
    const seen: string[] = [];
    let asked = 0;
    const api = await wantsNewToken(seen);
    const gate = await gateway(api.url, { onAuthFailure: () => Promise.resolve(`Bearer t2${(asked += 1)}`) });
    const body = 'a'.repeat(65_537);
    const rest =
      framing === 'length'
        ? `Content-Length: 65537\r\n\r\n${body}`
        : `Transfer-Encoding: chunked\r\n\r\n10001\r\n${body}\r\n0\r\n\r\n`;
    const answer = await exchange(gate.port, `POST /proxy/acme/x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n${rest}`);
    expect(answer).toMatch(/^HTTP\/1\.1 401 [^]*X-Gatehouse-Reason: token_refreshed\r\n[^]*who\?/);
    expect(seen).toHaveLength(1);
    expect(asked).toBe(1);
  },
);

test('a second refusal passes on as it is', async () => {
  const seen: string[] = [];
  const api = await wantsNewToken(seen);
  const gate = await gateway(api.url, { onAuthFailure: () => Promise.resolve('Bearer t3') });
  const answer = await exchange(gate.port, get);
  expect(answer).toMatch(/^HTTP\/1\.1 401 [^]*who\?/);
  expect(answer).not.toMatch(/www-authenticate/i);
  expect(seen).toHaveLength(2);
});

test('a refusal that no new token follows passes on whole, however large', async () => {
  const body = Buffer.alloc(300_000, 'x');
  const api = await upstream((_, res) => res.writeHead(401, { 'Content-Length': body.length }).end(body));
  const gate = await gateway(api.url, {
    onAuthFailure: () => new Promise((resolve) => setTimeout(resolve, 50, undefined)),
  });
  const answer = await fetch(`${gate.origin}/proxy/acme/x`);
  expect(answer.status).toBe(401);
  expect(Buffer.from(await answer.arrayBuffer()).equals(body)).toBe(true);
});

test('a large refusal is dropped when a new token comes', async () => {
  const api = await upstream((req, res) => {
    if (req.headers.authorization === 'Bearer t2') res.end('welcome');
    else res.writeHead(401).end(Buffer.alloc(3_000_000, 'x'));
  });
  const gate = await gateway(api.url, {
    onAuthFailure: () => new Promise((resolve) => setTimeout(resolve, 50, 'Bearer t2')),
  });
  expect(await exchange(gate.port, get)).toMatch(/^HTTP\/1\.1 200 [^]*welcome/);
});

test('a refusal that waits for the decision is held back', async () => {
  let written = 0;
  let atDecision = Infinity;
  const api = await upstream((_, res) => {
    res.writeHead(401);
    const more = (): void => {
      while (written < 64_000_000) {
        written += 64_000;
        if (!res.write(Buffer.alloc(64_000))) {
          res.once('drain', more);
          return;
        }
      }
      res.end();
    };
    more();
  });
  const gate = await gateway(api.url, {
    onAuthFailure: async () => {
      await new Promise((resolve) => setTimeout(resolve, 400));
      atDecision = written;
      return undefined;
    },
  });
  const client = rawClient(gate.port, get);
  await client.until('HTTP/1.1 401');
  client.socket.pause();
  expect(atDecision).toBeLessThan(32_000_000);
  client.socket.destroy();
});

test('only the statuses of the provider file ask for a new token', async () => {
  let asked = 0;
  const api = await upstream((_, res) => res.writeHead(401).end());
  const gate = await gateway(api.url, {
    authFailureStatus: [403],
    onAuthFailure: () => Promise.resolve(`Bearer ${(asked += 1)}`),
  });
  expect(await exchange(gate.port, get)).toMatch(/^HTTP\/1\.1 401/);
  expect(asked).toBe(0);
});

test('a failed renewal is the answer', async () => {
  const api = await upstream((_, res) => res.writeHead(401).end());
  const gate = await gateway(api.url, {
    onAuthFailure: () => Promise.reject(new GatehouseError('reauth_required', 'Connect again')),
  });
  expect(await exchange(gate.port, get)).toMatch(/^HTTP\/1\.1 401 [^]*X-Gatehouse-Error: reauth_required/);
});

test('a caller who leaves during the renewal is not sent on', async () => {
  const api = await rawUpstream((_, socket) => socket.write('HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n'));
  let renewed: (authorization: string) => void = () => undefined;
  let asked = (): void => undefined;
  const asking = new Promise<void>((resolve) => (asked = resolve));
  const gate = await gateway(
    api.url,
    {
      onAuthFailure: () => {
        asked();
        return new Promise((resolve) => (renewed = resolve));
      },
    },
    { connections: 1 },
  );
  const client = rawClient(gate.port, 'GET /proxy/acme/x HTTP/1.1\r\nHost: h\r\n\r\n');
  await asking;
  client.socket.destroy();
  expect(await gate.outcome()).toMatchObject({ source: 'client_abort' });
  renewed('Bearer t2');
  const next = rawClient(gate.port, 'GET /proxy/acme/next HTTP/1.1\r\nHost: h\r\n\r\n');
  await api.until('/next');
  next.socket.destroy();
  expect(api.received()).not.toContain('Bearer t2');
});

/** Answers the first request of each connection; at the second it hangs up. Counts the requests. */
async function forgetful(second: 'end' | 'reset' | 'half') {
  let requests = 0;
  const api = await rawUpstream((received, socket) => {
    requests += 1;
    if (received.split('\r\n\r\n').length === 2) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    else if (second === 'end') socket.end();
    else if (second === 'reset') socket.resetAndDestroy();
    else socket.end('HTTP/1.1 200 O');
  });
  return { api, requests: () => requests };
}

test.each(['end', 'reset'] as const)(
  'a kept connection that the upstream closes (%s) costs a GET nothing',
  async (how) => {
    const { api } = await forgetful(how);
    const gate = await gateway(api.url);
    expect(await exchange(gate.port, get)).toMatch(/^HTTP\/1\.1 200/);
    expect(await exchange(gate.port, get)).toMatch(/^HTTP\/1\.1 200 [^]*ok$/);
    expect(api.sockets).toHaveLength(2);
  },
);

test('a kept connection that is closed under a POST is not tried again', async () => {
  const { api, requests } = await forgetful('end');
  const gate = await gateway(api.url);
  await exchange(gate.port, get);
  const answer = await exchange(
    gate.port,
    'POST /proxy/acme/x HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 0\r\n\r\n',
  );
  expect(answer).toMatch(/^HTTP\/1\.1 502/);
  expect(requests()).toBe(2);
});

test('a GET with a body is not tried again: half of it may be gone', async () => {
  const { api } = await forgetful('end');
  const gate = await gateway(api.url);
  await exchange(gate.port, get);
  const chunks = 'Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n';
  const answer = await exchange(gate.port, `GET /proxy/acme/x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n${chunks}`);
  expect(answer).toMatch(/^HTTP\/1\.1 502/);
  expect(api.sockets).toHaveLength(1);
});

test('a GET is not tried again once an answer has begun', async () => {
  const { api, requests } = await forgetful('half');
  const gate = await gateway(api.url);
  await exchange(gate.port, get);
  expect(await exchange(gate.port, get)).toMatch(/^HTTP\/1\.1 502/);
  expect(requests()).toBe(2);
});

test('a GET on a new connection is not tried again', async () => {
  let requests = 0;
  const api = await rawUpstream((_, socket) => {
    requests += 1;
    socket.end();
  });
  const gate = await gateway(api.url);
  expect(await exchange(gate.port, get)).toMatch(/^HTTP\/1\.1 502/);
  expect(requests).toBe(1);
});

test('a connection that the upstream closed while idle is not used', async () => {
  const api = await rawUpstream((_, socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'));
  const gate = await gateway(api.url);
  const post = 'POST /proxy/acme/x HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 0\r\n\r\n';
  await exchange(gate.port, post);
  api.sockets[0]!.destroy();
  await closing(api.sockets[0]!);
  expect(await exchange(gate.port, post)).toMatch(/^HTTP\/1\.1 200/);
});
