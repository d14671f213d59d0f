import { afterEach, expect, test } from '@jest/globals';
import type { Socket } from 'node:net';
import type { ForwardCall } from '../../src/proxy/forward.js';
import { closeAll, gateway, rawClient, rawUpstream, type Gateway } from './harness.js';
import { seenAnswers } from './seen-answers.js';

afterEach(closeAll);

const json = '{"rows":[1,2,3]}';
const chunked = '7\r\n{"rows"\r\n9;x=y\r\n:[1,2,3]}\r\n0\r\n\r\n';
const type = 'Content-Type: application/json\r\n';

/** Whole answers, each with the length of its head. `close`: the end of the connection is the end of the body. */
const answers: Record<string, { head: string; body: string; close?: true }> = {
  sized: { head: `HTTP/1.1 200 OK\r\n${type}Content-Length: ${json.length}\r\n\r\n`, body: json },
  sizedAndClosed: {
    head: `HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: ${json.length}\r\n\r\n`,
    body: json,
  },
  chunked: { head: `HTTP/1.1 200 OK\r\n${type}Transfer-Encoding: chunked\r\n\r\n`, body: chunked },
  chunkedAndClosed: {
    head: 'HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n',
    body: chunked,
  },
  trailers: {
    head: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n',
    body: '3\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n',
  },
  untilClose: { head: `HTTP/1.1 200 OK\r\n${type}\r\n`, body: json, close: true },
  oldUntilClose: { head: 'HTTP/1.0 200 OK\r\n\r\n', body: json, close: true },
  oldSized: { head: `HTTP/1.0 200 OK\r\nContent-Length: ${json.length}\r\n\r\n`, body: json },
  interim: {
    head: `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n`,
    body: 'done',
  },
  refused: { head: `HTTP/1.1 401 Unauthorized\r\n${type}Content-Length: ${json.length}\r\n\r\n`, body: json },
  refusedInChunks: { head: 'HTTP/1.1 401 No\r\nTransfer-Encoding: chunked\r\n\r\n', body: chunked },
};

type Ending = 'end' | 'reset';

/** An API that gives the named answer up to a byte, and ends the connection there. */
async function cutting(call: Partial<ForwardCall>): Promise<Gateway> {
  const api = await rawUpstream((received, socket: Socket) => {
    const [, name = '', cut = '', ending] = /\/v1\/(\w+)\/(\d+)\/(\w+) HTTP[^]*\r\n\r\n$/.exec(received) ?? [];
    const { head = '', body = '' } = answers[name] ?? {};
    const end = () => (ending === 'reset' ? socket.resetAndDestroy() : socket.end());
    if (cut === '0') end();
    else socket.write((head + body).slice(0, Number(cut)), 'latin1', end);
  });
  return gateway(api.url, call);
}

/** What the caller of one cut answer can know: it was whole, it was refused by us with this code, or it broke off. */
async function fate(gate: Gateway, name: string, cut: number, ending: Ending, version = '1.1'): Promise<string> {
  const host = `HTTP/${version}\r\nHost: h\r\nConnection: close\r\n\r\n`;
  const { text, reset } = await rawClient(gate.port, `GET /proxy/acme/${name}/${cut}/${ending} ${host}`).closed;
  const [answer, ...more] = seenAnswers(text);
  if (more.length > 0) return `${more.length} answers too many`;
  if (answer === undefined) return 'broken';
  if (answer.source !== 'upstream')
    return answer.whole === true ? `${answer.status} ${answer.source}` : 'half a problem';
  if (answer.whole === false || reset) return 'broken';
  return `whole: ${answer.body}`;
}

const invalid = '502 upstream_invalid_response';

/** `broken`: what may become of an answer that breaks off within its body. */
function expected(name: string, cut: number, ending: Ending, broken: readonly string[]): readonly string[] {
  const { head, body, close } = answers[name]!;
  if (cut === 0) return ['502 upstream_unreachable'];
  if (cut < head.length) return [invalid];
  const plain = body === chunked ? json : name === 'trailers' ? 'abc' : body;
  // An end is the proper end of such a body; a reset never is.
  if (close === true) return ending === 'end' ? [`whole: ${body.slice(0, cut - head.length)}`] : broken;
  if (cut === head.length + body.length) return [`whole: ${plain}`];
  return broken;
}

async function judgeAll(gate: Gateway, name: string, broken = ['broken'], version?: string): Promise<void> {
  const { head, body } = answers[name]!;
  const cuts = Array.from({ length: head.length + body.length + 1 }, (_, cut) => cut);
  for (const ending of ['end', 'reset'] as const) {
    const fates: [number, string][] = [];
    for (let from = 0; from < cuts.length; from += 16) {
      const some = cuts.slice(from, from + 16);
      const now = await Promise.all(some.map((cut) => fate(gate, name, cut, ending, version)));
      some.forEach((cut, index) => fates.push([cut, now[index]!]));
    }
    const wrong = fates.filter(([cut, seen]) => !expected(name, cut, ending, broken).includes(seen));
    expect(wrong.map(([cut, seen]) => `${ending} at ${cut}: ${seen}`)).toEqual([]);
  }
}

test.each(Object.keys(answers))('cut at any byte, an answer never looks whole: %s', async (name) => {
  await judgeAll(await cutting({}), name);
});

test.each(['sized', 'chunked', 'refused', 'refusedInChunks'])(
  'nor does one that was held to be looked at: %s',
  async (name) => {
    const looked = { isAuthFailureBody: () => false, onAuthFailure: () => Promise.resolve(undefined) };
    await judgeAll(await cutting(looked), name, ['broken', invalid]);
  },
);

test.each(['sized', 'chunked'])('a caller of HTTP/1.0 sees it, too: %s', async (name) => {
  await judgeAll(await cutting({}), name, ['broken'], '1.0');
});
