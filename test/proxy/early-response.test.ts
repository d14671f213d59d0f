import { afterEach, expect, test } from '@jest/globals';
import { request } from 'node:http';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { closeAll, gateway, rawUpstream } from './harness.js';

afterEach(closeAll);

const status = (code: number): string =>
  `HTTP/1.1 ${code} Early\r\nContent-Length: 5\r\nConnection: close\r\n\r\nearly`;

/** Uploads so many bytes in pieces and resolves with the status and the body of the response. */
async function upload(port: number, bytes: number): Promise<string> {
  const call = request({ host: '127.0.0.1', port, path: '/proxy/acme/x', method: 'POST', agent: false });
  call.on('error', () => undefined);
  const send = (left: number): void => {
    if (left <= 0) call.end();
    else if (!call.destroyed) call.write(Buffer.alloc(16_384, 'y'), () => send(left - 16_384));
  };
  send(bytes);
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of response) text += String(chunk);
  return `${response.statusCode} ${text}`;
}

test.each([413, 401, 200])(
  'an early %i reaches the caller, however the API hangs up, 120 of 120',
  async (code) => {
    const hangUp: ((socket: Socket) => void)[] = [
      (socket) => void socket.end(status(code), () => socket.destroy()),
      (socket) => void socket.write(status(code), () => socket.resetAndDestroy()),
      (socket) => void socket.end(status(code)),
    ];
    let turn = 0;
    const api = await rawUpstream((received, socket) => {
      if (received.length < 60_000 || socket.isPaused()) return;
      socket.pause();
      hangUp[(turn += 1) % hangUp.length]?.(socket);
    });
    const gate = await gateway(api.url);
    const seen: string[] = [];
    for (let count = 0; count < 120; count += 4)
      seen.push(...(await Promise.all(Array.from({ length: 4 }, () => upload(gate.port, 2_000_000)))));
    expect(new Set(seen)).toEqual(new Set([`${code} early`]));
    expect(seen).toHaveLength(120);
  },
  60_000,
);

test('an API that hangs up without a response is unreachable', async () => {
  const api = await rawUpstream((received, socket) => void (received.length > 60_000 && socket.resetAndDestroy()));
  const gate = await gateway(api.url);
  expect(await upload(gate.port, 2_000_000)).toMatch(/^502 .*upstream_unreachable/);
});
