import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { closeAll, exchange, gateway, rawClient, rawUpstream, type Gateway } from './harness.js';
import { seenAnswers, type SeenAnswer } from './seen-answers.js';

/** What the API writes in answer to a call, by the number in its path. */
const writings: string[] = [];
let gate: Gateway;
beforeAll(async () => {
  const api = await rawUpstream((received, socket) => {
    const number = /\/v1\/(\d+) HTTP[^]*\r\n\r\n$/.exec(received.slice(received.lastIndexOf('GET ')))?.[1];
    if (number === undefined) return;
    const writing = writings[Number(number)]!;
    if (writing.includes('HTTP/1.0 ') || writing.includes('identity')) socket.end(writing, 'latin1');
    else socket.write(writing, 'latin1');
  });
  gate = await gateway(api.url);
});
afterAll(closeAll);

async function ask(writing: string): Promise<SeenAnswer> {
  const number = writings.push(writing) - 1;
  const { text } = await rawClient(
    gate.port,
    `GET /proxy/acme/${number} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`,
  ).closed;
  const [answer, ...more] = seenAnswers(text);
  expect(more).toEqual([]);
  return answer!;
}

const ok = 'Content-Length: 2\r\n\r\nok';
const chunks = '\r\n\r\n2\r\nok\r\n0\r\n\r\n';
const head = 'HTTP/1.1 200 OK\r\n';

/** The next call gets its own answer, whatever the one before it has left behind. */
async function nextIsWell(): Promise<void> {
  expect(await ask(`${head}Content-Length: 4\r\n\r\nnext`)).toMatchObject({ status: 200, body: 'next', whole: true });
}

test.each([
  ['a folded header', `${head}X-A: one\r\n two\r\n${ok}`],
  ['a fold before the first header', `${head} X-A: one\r\n${ok}`],
  ['a folded coding', `${head}Transfer-Encoding:\r\n chunked${chunks}`],
  ['a folded length', `${head}Content-Length:\r\n 2\r\n\r\nok`],
  ['a folded interim answer', `HTTP/1.1 100 Continue\r\nX-A: a\r\n HTTP/1.1 299 Other\r\n\r\n${head}${ok}`],
  ['a NUL in a header', `${head}X-A: a\0b\r\n${ok}`],
  ['a control character in a header', `${head}X-A: a\x01b\r\n${ok}`],
  ['a DEL in a header', `${head}X-A: a\x7fb\r\n${ok}`],
  ['a bare CR in a header', `${head}X-A: a\rSet-Cookie: b=1\r\n${ok}`],
  ['a bare LF in a header', `${head}X-A: a\nX-B: b\r\n${ok}`],
  ['a bare CR in the reason phrase', `HTTP/1.1 200 a\rb\r\n${ok}`],
  ['lines that end in LF', 'HTTP/1.1 200 OK\nContent-Length: 2\n\nok'],
  ['a space before the colon', `${head}X-A : b\r\n${ok}`],
  ['a header without a name', `${head}: b\r\n${ok}`],
  ['a line without a colon', `${head}nonsense\r\n${ok}`],
  ['a name beyond ASCII', `${head}X-\xc5: b\r\n${ok}`],
  ['two equal lengths', `${head}Content-Length: 2\r\n${ok}`],
  ['two different lengths', `${head}Content-Length: 5\r\n${ok}`],
  ['a list of lengths', `${head}Content-Length: 2, 2\r\n\r\nok`],
  ['a length with a sign', `${head}Content-Length: +2\r\n\r\nok`],
  ['a negative length', `${head}Content-Length: -2\r\n\r\nok`],
  ['a length in hex', `${head}Content-Length: 0x2\r\n\r\nok`],
  ['an empty length', `${head}Content-Length:\r\n\r\nok`],
  ['a length with a space in it', `${head}Content-Length: 2 2\r\n\r\nok`],
  ['a length beyond all numbers', `${head}Content-Length: 99999999999999999999\r\n\r\nok`],
  ['a length and chunks', `${head}Transfer-Encoding: chunked\r\n${ok}`],
  ['chunks and a length', `${head}Content-Length: 2\r\nTransfer-Encoding: chunked${chunks}`],
  ['a vertical tab before chunked', `${head}Transfer-Encoding: \x0bchunked${chunks}`],
  ['a tab around chunked', `${head}Transfer-Encoding:\tchunked\t${chunks}`],
  ['a space before the coding’s colon', `${head}Transfer-Encoding : chunked${chunks}`],
  ['a coding that nobody knows', `${head}Transfer-Encoding: xchunked${chunks}`],
  ['a coding in quotation marks', `${head}Transfer-Encoding: "chunked"${chunks}`],
  ['a coding with a parameter', `${head}Transfer-Encoding: chunked;q=1${chunks}`],
  ['empty members around a coding', `${head}Transfer-Encoding: , chunked,${chunks}`],
  ['chunked twice', `${head}Transfer-Encoding: chunked, chunked${chunks}`],
  ['chunked in two lines', `${head}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked${chunks}`],
  ['a compressed coding', `${head}Transfer-Encoding: gzip\r\nConnection: close\r\n\r\nok`],
  ['a compressed coding below chunked', `${head}Transfer-Encoding: gzip, chunked${chunks}`],
  ['identity and chunked', `${head}Transfer-Encoding: identity, chunked${chunks}`],
  [
    'an upgrade that nobody asked for',
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: a\r\nConnection: upgrade\r\n\r\nok`,
  ],
  ['a 101 without an upgrade', 'HTTP/1.1 101 Switching Protocols\r\n\r\nok'],
  ['a status of two digits', `HTTP/1.1 20 Low\r\n${ok}`],
  ['a status of four digits', `HTTP/1.1 1000 Big\r\n${ok}`],
  ['a status below 100', `HTTP/1.1 099 Low\r\n${ok}`],
  ['a status with a letter', `HTTP/1.1 2x0 Hm\r\n${ok}`],
  ['another version', `HTTP/1.2 200 OK\r\n${ok}`],
  ['a version in small letters', `http/1.1 200 OK\r\n${ok}`],
  ['another protocol', `ICY 200 OK\r\n${ok}`],
  ['no head at all', 'hello world, this is HTTP/0.9'],
  ['a space before the version', ` HTTP/1.1 200 OK\r\n${ok}`],
  ['two spaces before the status', `HTTP/1.1  200 OK\r\n${ok}`],
  ['a header line above 32 KiB', `${head}X-A: ${'a'.repeat(33_000)}\r\n${ok}`],
  ['a header line above 16 KiB', `${head}X-A: ${'a'.repeat(16_400)}\r\n${ok}`],
  ['headers above 16 KiB together', `${head}${`X-A: ${'a'.repeat(90)}\r\n`.repeat(170)}${ok}`],
  ['cookies above 16 KiB, which would not pass', `${head}${`Set-Cookie: ${'a'.repeat(90)}\r\n`.repeat(170)}${ok}`],
  ['2,500 header lines', `${head}${'X-A: b\r\n'.repeat(2500)}${ok}`],
  ['1,001 header lines', `${head}${'A: b\r\n'.repeat(1001)}${ok}`],
  ['6,000 header lines', `${head}${'A: b\r\n'.repeat(6000)}${ok}`],
  ['a header that is too large with ours', `${head}X-A: ${'a'.repeat(16_200)}\r\n${ok}`],
  ['headers above 32 KiB together', `${head}${`X-A: ${'a'.repeat(90)}\r\n`.repeat(400)}${ok}`],
])('%s is refused, and the next call is well', async (_, writing) => {
  expect(await ask(writing)).toMatchObject({ status: 502, source: 'upstream_invalid_response', whole: true });
  await nextIsWell();
});

test.each([
  ['a chunk extension that ends in LF', '2;a\nok\r\n0\r\n\r\n'],
  ['a negative chunk', '-2\r\nok\r\n0\r\n\r\n'],
  ['a chunk size with a prefix', '0x2\r\nok\r\n0\r\n\r\n'],
  ['a chunk size with a space', '2 \r\nok\r\n0\r\n\r\n'],
  ['a chunk size beyond all numbers', 'fffffffffffffffff\r\nok\r\n0\r\n\r\n'],
  ['a chunk without its end', '2\r\nokXX0\r\n\r\n'],
  ['a trailer without a colon', '2\r\nok\r\n0\r\nbad trailer\r\n\r\n'],
  ['a length among the trailers', '2\r\nok\r\n0\r\nContent-Length: 9\r\n\r\n'],
  ['trailers above 32 KiB', `2\r\nok\r\n0\r\nX-A: ${'a'.repeat(40_000)}\r\n\r\n`],
])('%s ends the answer unfinished, and the next call is well', async (_, body) => {
  expect(await ask(`${head}Transfer-Encoding: chunked\r\n\r\n${body}`)).toMatchObject({ status: 200, whole: false });
  await nextIsWell();
});

type Expected = Partial<SeenAnswer> & { line?: string; not?: RegExp };

test.each<[string, string, Expected]>([
  ['418', `HTTP/1.1 418 I'm a teapot\r\n${ok}`, { status: 418, reason: "I'm a teapot" }],
  ['599', `HTTP/1.1 599 Whatever\r\n${ok}`, { status: 599, reason: 'Whatever' }],
  ['600', `HTTP/1.1 600 Six\r\n${ok}`, { status: 600, reason: 'Six' }],
  ['999', `HTTP/1.1 999 Request denied\r\n${ok}`, { status: 999, reason: 'Request denied' }],
  ['205 with a body', `HTTP/1.1 205 Reset Content\r\n${ok}`, { status: 205 }],
  ['204 with a body', `HTTP/1.1 204 No Content\r\n${ok}`, { status: 204, body: '', not: /content-length/i }],
  ['304 with a body', `HTTP/1.1 304 Not Modified\r\n${ok}`, { status: 304, body: '' }],
  ['no reason phrase', `HTTP/1.1 200\r\n${ok}`, { reason: '' }],
  ['an empty reason phrase', `HTTP/1.1 200 \r\n${ok}`, { reason: '' }],
  ['a reason phrase in Latin-1', `HTTP/1.1 200 Tr\xe8s bien\r\n${ok}`, { reason: 'Tr\xe8s bien' }],
  ['a reason phrase with a tab', `HTTP/1.1 200 a\tb\r\n${ok}`, { reason: 'a\tb' }],
  ['a reason phrase of 10,000 bytes', `HTTP/1.1 200 ${'r'.repeat(10_000)}\r\n${ok}`, { reason: 'r'.repeat(10_000) }],
  ['a reason phrase with a control character', `HTTP/1.1 200 a\x01b\r\n${ok}`, { reason: 'OK' }],
  ['a reason phrase with a NUL', `HTTP/1.1 404 a\0b\r\n${ok}`, { status: 404, reason: 'Not Found' }],
  ['a tab in a header', `${head}X-A: a\tb\r\n${ok}`, { line: 'X-A: a\tb' }],
  ['a header in Latin-1', `${head}X-A: bl\xe5\xff\r\n${ok}`, { line: 'X-A: bl\xe5\xff' }],
  ['a header without a value', `${head}X-A:\r\n${ok}`, { line: 'X-A: ' }],
  ['a header name of every allowed sign', `${head}x!#$%&'*+-.^_|~: t\r\n${ok}`, { line: "x!#$%&'*+-.^_|~: t" }],
  [
    'a header line of 15,000 bytes',
    `${head}X-A: ${'a'.repeat(15_000)}\r\n${ok}`,
    { line: `X-A: ${'a'.repeat(15_000)}` },
  ],
  ['900 header lines', `${head}${'X-A: b\r\n'.repeat(900)}${ok}`, { line: 'X-A: b' }],
  ['a length with zeros before it', `${head}Content-Length: 0002\r\n\r\nok`, {}],
  ['a length with spaces after it', `${head}Content-Length: 2  \r\n\r\nok`, {}],
  ['a length in another spelling', `${head}Content_Length: 7\r\n${ok}`, { not: /content_length/i }],
  ['a coding in another spelling', `${head}Transfer_Encoding: chunked\r\n${ok}`, { not: /transfer.encoding/i }],
  ['a coding in any letters', `${head}TRANSFER-encoding: ChUnKeD${chunks}`, { body: 'ok' }],
  ['a space after the coding', `${head}Transfer-Encoding: chunked ${chunks}`, { body: 'ok' }],
  ['the coding that means none', `${head}Transfer-Encoding: identity\r\nConnection: close\r\n\r\nok`, { body: 'ok' }],
  ['chunk extensions', `${head}Transfer-Encoding: chunked\r\n\r\n2;a=b;c="d;e"\r\nok\r\n0;z\r\n\r\n`, { not: /;/ }],
  ['a padded chunk size', `${head}Transfer-Encoding: chunked\r\n\r\n${'0'.repeat(15)}2\r\nok\r\n0\r\n\r\n`, {}],
  [
    'trailers',
    `${head}Transfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n2\r\nok\r\n0\r\nX-T: 1\r\n\r\n`,
    { not: /X-T/ },
  ],
  ['HTTP/1.0 until its end', 'HTTP/1.0 200 OK\r\n\r\nok', {}],
  ['HTTP/1.0 with a length', `HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n${ok}`, {}],
  ['empty lines before the answer', `\r\n\r\n${head}${ok}`, {}],
  ['an offer of another protocol', `${head}Connection: upgrade\r\nUpgrade: h2c\r\n${ok}`, { not: /upgrade|h2c/i }],
  ['an interim answer that speaks of a body', `HTTP/1.1 103 E\r\nContent-Length: 5\r\n\r\n${head}${ok}`, {}],
  ['an interim answer in chunks', `HTTP/1.1 102 P\r\nTransfer-Encoding: chunked\r\n\r\n${head}${ok}`, {}],
  ['a Connection that names the length', `${head}Connection: Content-Length, X-B\r\nX-B: 1\r\n${ok}`, { not: /X-B/ }],
  [
    '206',
    `HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-1/9\r\n${ok}`,
    { line: 'Content-Range: bytes 0-1/9' },
  ],
  [
    '416',
    `HTTP/1.1 416 Range Not Satisfiable\r\nContent-Range: bytes */9\r\n${ok}`,
    { line: 'Content-Range: bytes */9' },
  ],
])('%s is passed on as it is meant, and the next call is well', async (_, writing, { line, not, ...expected }) => {
  const answer = await ask(writing);
  expect(answer).toMatchObject({ body: 'ok', source: 'upstream', whole: true, ...expected });
  if (line !== undefined) expect(`${answer.head}\r\n`).toContain(`\r\n${line}\r\n`);
  if (not !== undefined) expect(answer.head.replace(/Content-Security-Policy.*/, '')).not.toMatch(not);
  await nextIsWell();
});

test.each([
  ['a whole answer', `HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nSTOLEN`],
  ['the head of one', 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n'],
  ['bytes that are none', 'STOLEN'],
])('%s that follows an answer unasked reaches nobody', async (_, rest) => {
  expect(await ask(`${head}${ok}${rest}`)).toMatchObject({ body: 'ok', whole: true });
  await nextIsWell();
});

test('a connection that ends by the word of a trailer costs the next GET nothing, and a POST is told', async () => {
  const closing = `${head}Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nConnection: close\r\n\r\n`;
  const api = await rawUpstream((received, socket) => {
    if (received.endsWith('\r\n\r\n')) socket.write(received.split('\r\n\r\n').length === 2 ? closing : `${head}${ok}`);
  });
  const own = await gateway(api.url);
  const ask = async (method: string) =>
    seenAnswers(await exchange(own.port, `${method} /proxy/acme/x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`));
  for (let turn = 0; turn < 2; turn += 1) expect(await ask('GET')).toMatchObject([{ status: 200, body: 'ok' }]);
  expect(api.sockets).toHaveLength(2);
  expect(await ask('POST')).toMatchObject([{ status: 502, source: 'upstream_invalid_response' }]);
});

test.each([401, 200])(
  'a coding that nobody knows is refused, too, in a %i that was held to be looked at',
  async (status) => {
    const head = `HTTP/1.1 ${status} Held\r\nContent-Type: application/json\r\nTransfer-Encoding: gzip, chunked`;
    const api = await rawUpstream((_, socket) => socket.write(head + chunks));
    const looked = { isAuthFailureBody: () => false, onAuthFailure: () => Promise.resolve(undefined) };
    const held = await gateway(api.url, looked);
    const answer = await exchange(held.port, 'GET /proxy/acme/x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n');
    expect(seenAnswers(answer)).toMatchObject([{ status: 502, source: 'upstream_invalid_response', whole: true }]);
  },
);

test('several ranges in one answer pass byte for byte', async () => {
  const body = '--x\r\nContent-Range: bytes 0-1/4\r\n\r\nab\r\n--x\r\nContent-Range: bytes 3-3/4\r\n\r\nd\r\n--x--\r\n';
  const type = 'Content-Type: multipart/byteranges; boundary=x';
  const answer = await ask(`HTTP/1.1 206 Partial Content\r\n${type}\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  expect(answer).toMatchObject({ status: 206, body, whole: true });
  expect(answer.head).toContain(`\r\n${type}\r\n`);
});
