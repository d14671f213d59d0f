import { expect, test } from '@jest/globals';
import express from 'express';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createHttpServer } from '../../src/http/server.js';

/** Whether Express gave the request or the response another prototype than it was born with. */
async function changesPrototypes(make: (app: express.Express) => Server): Promise<boolean> {
  const app = express();
  const seen: object[] = [];
  const note = (req: IncomingMessage, res: ServerResponse) =>
    seen.push(Object.getPrototypeOf(req) as object, Object.getPrototypeOf(res) as object);
  app.use((req, res) => {
    note(req, res);
    res.end();
  });
  const server = make(app);
  server.prependListener('request', note);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  server.closeAllConnections();
  server.close();
  expect(seen).toHaveLength(4);
  return seen[0] !== seen[2] || seen[1] !== seen[3];
}

test('requests and responses are born with the prototypes that Express gives them', async () => {
  expect(await changesPrototypes((app) => createHttpServer(app).server)).toBe(false);
});

test('with a plain HTTP server they are not', async () => {
  expect(await changesPrototypes((app) => createServer(app))).toBe(true);
});
