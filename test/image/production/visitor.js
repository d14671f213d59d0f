/*
 * A browser of the trial, at https://connect.acme.test:8443 through the published port of nginx.
 *   visitor.js connect JAR          connects the provider and keeps the cookies in the file JAR
 *   visitor.js ask JAR METHOD PATH  one request of a front end; prints status and body, fails unless the status is 2xx
 *   visitor.js load JAR             calls the API from eight places at once until SIGTERM, then prints how that went as JSON
 * TRUSTED names the certificate to trust.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';

const origin = 'https://connect.acme.test:8443';
const [command = '', jar = '', ...rest] = process.argv.slice(2);
const agent = new Agent({
  keepAlive: true,
  ca: readFileSync(process.env['TRUSTED'] ?? ''),
  lookup: (_name, options, done) =>
    options.all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4),
});

/** @returns {Map<string, string>} */
function readJar() {
  try {
    return new Map(JSON.parse(readFileSync(jar, 'utf8')));
  } catch {
    return new Map();
  }
}
const cookies = readJar();

/** @param {readonly string[]} lines */
function keep(lines) {
  for (const line of lines) {
    const [pair = '', ...attributes] = line.split('; ');
    const equals = pair.indexOf('=');
    const [name, value] = [pair.slice(0, equals), pair.slice(equals + 1)];
    if (!name.startsWith('__Host-') || !attributes.includes('Secure'))
      throw new Error(`a cookie without Secure: ${name}`);
    if (attributes.includes('Max-Age=0')) cookies.delete(name);
    else cookies.set(name, value);
  }
}

/**
 * @param {string} method
 * @param {string} address
 * @param {Record<string, string>} headers
 * @returns {Promise<{ status: number | string, headers: import('node:http').IncomingHttpHeaders, body: string }>}
 */
function send(method, address, headers) {
  const url = new URL(address, origin);
  const cookie = [...cookies].map((pair) => pair.join('=')).join('; ');
  return new Promise((resolve, reject) => {
    const outgoing = request(url, {
      agent,
      method,
      timeout: 10_000,
      headers: { ...headers, ...(url.origin === origin && cookie !== '' && { cookie }) },
    });
    outgoing.once('timeout', () => outgoing.destroy(new Error('no answer for 10 s')));
    outgoing.once('error', reject);
    outgoing.once('response', (answer) => {
      if (url.origin === origin) keep(answer.headers['set-cookie'] ?? []);
      text(answer).then((body) => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body }), reject);
    });
    outgoing.end();
  });
}

const navigation = { accept: 'text/html', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
const api = { accept: 'application/json', 'x-csrf': '1', 'sec-fetch-site': 'same-origin', origin };

async function connect() {
  let address = `${origin}/connect/acme`;
  for (const site of ['none', 'cross-site', 'cross-site']) {
    const answer = await send('GET', address, { ...navigation, 'sec-fetch-site': site });
    const { location } = answer.headers;
    if (location === undefined) throw new Error(`no redirect: ${answer.status} ${answer.body.slice(0, 300)}`);
    address = location;
  }
  if (new URL(address, origin).searchParams.get('connected') !== 'acme') throw new Error(`not connected: ${address}`);
  writeFileSync(jar, JSON.stringify([...cookies]), { mode: 0o600 });
}

/** @param {readonly string[]} request method and path */
async function ask([method = 'GET', path = '/']) {
  const { status, body } = await send(method, path, api);
  process.stdout.write(`${status} ${body}\n`);
  if (Number(status) < 200 || Number(status) > 299) process.exitCode = 1;
}

async function load() {
  let going = true;
  process.once('SIGTERM', () => (going = false));
  /** @type {Record<string, number>} */
  const outcomes = {};
  let [firstFailure, lastFailure, longest, calls, failed] = [0, 0, 0, 0, 0];
  const call = async () => {
    while (going) {
      const began = Date.now();
      const { status, headers } = await send('GET', '/proxy/acme/load', api).catch(({ code = 'cut', message }) => ({
        status: `${code}: ${message}`,
        headers: /** @type {import('node:http').IncomingHttpHeaders} */ ({}),
      }));
      calls += 1;
      longest = Math.max(longest, Date.now() - began);
      const outcome = [status, headers['x-gatehouse-error']].filter(Boolean).join(' ');
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      if (status !== 200) {
        failed += 1;
        firstFailure ||= began;
        lastFailure = Date.now();
      }
      await pause(20);
    }
  };
  await Promise.all(Array.from({ length: 8 }, call));
  const summary = { calls, failed, failed_for_ms: lastFailure - firstFailure, longest_ms: longest, outcomes };
  process.stdout.write(`${JSON.stringify(summary)}\n`);
}

/** @type {Record<string, (rest: string[]) => Promise<void>>} */
const commands = { connect, ask, load };
await commands[command]?.(rest);
agent.destroy();
