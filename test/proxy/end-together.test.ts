import { afterEach, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { endInBatch } from '../../src/proxy/end-in-batch.js';
import { closeAll, rawClient } from './harness.js';

afterEach(closeAll);

/** So many answers that have begun, in the order of their callers. */
async function begun(count: number) {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const answers: ServerResponse[] = [];
  const clients: ReturnType<typeof rawClient>[] = [];
  while (clients.length < count) {
    const { port } = server.address() as AddressInfo;
    clients.push(rawClient(port, 'GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n'));
    const [, res] = (await once(server, 'request')) as [unknown, ServerResponse];
    answers.push(res.writeHead(200, { 'Content-Length': 3 }));
  }
  server.close();
  return { answers, clients };
}

test('answers that are whole in one turn are ended together when it is over, and those of the next in the next', async () => {
  const { answers, clients } = await begun(3);
  const [one, two, three] = answers as [ServerResponse, ServerResponse, ServerResponse];
  endInBatch(one, Buffer.from('one'));
  endInBatch(two, Buffer.from('two'));
  two.once('prefinish', () => endInBatch(three, Buffer.from('six')));
  expect([one.writableEnded, two.writableEnded]).toEqual([false, false]);
  await turn();
  expect(answers.map((res) => res.writableEnded)).toEqual([true, true, false]);
  const texts = await Promise.all(clients.map(async ({ closed }) => (await closed).text.slice(-3)));
  expect(texts).toEqual(['one', 'two', 'six']);
});

test('a caller who is gone before the turn is over keeps nobody from being answered', async () => {
  const { answers, clients } = await begun(3);
  for (const res of answers) endInBatch(res, Buffer.from('yes'));
  answers[1]?.destroy();
  const texts = await Promise.all(clients.map(async ({ closed }) => (await closed).text.slice(-3)));
  expect(texts).toEqual(['yes', '', 'yes']);
});
