// The least that a Node.js proxy can do: no session, no checks, no log.
import { createServer } from 'node:http';
import { Pool } from 'undici';

const { PORT, UPSTREAM_URL = '', TOKEN } = process.env;
const pool = new Pool(UPSTREAM_URL, { connections: 256, pipelining: 1 });

createServer((req, res) => {
  res.on('error', () => undefined);
  const { method = 'GET', url = '/' } = req;
  const length = req.headers['content-length'];
  const headers = ['authorization', `Bearer ${TOKEN}`];
  if (length !== undefined) headers.push('content-length', length);
  pool.dispatch(
    {
      path: url,
      method: /** @type {import('undici').Dispatcher.HttpMethod} */ (method),
      headers,
      body: length === undefined ? null : req,
    },
    {
      onRequestStart(controller) {
        res.once('close', () => res.writableFinished || controller.abort(new Error('The caller is gone')));
      },
      onResponseStart(controller, status) {
        const raw = /** @type {Buffer[]} */ (controller.rawHeaders).map((part) => part.toString('latin1'));
        res.writeHead(
          status,
          raw.filter((_, index) => !/^(connection|keep-alive)$/i.test(raw[index - (index % 2)] ?? '')),
        );
      },
      onResponseData(controller, chunk) {
        if (res.write(chunk)) return;
        controller.pause();
        res.once('drain', () => controller.resume());
      },
      onResponseEnd: () => res.end(),
      onResponseError: () => res.destroy(),
    },
  );
}).listen(Number(PORT), '127.0.0.1');
