import { lookup } from 'node:dns/promises';
import { isIP, type Socket } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import { buildConnector } from 'undici';
import { isGlobalAddress } from './global-address.js';

export interface ConnectOptions {
  /** Milliseconds for each address of a host, TLS included. */
  timeoutMs: number;
  /** Further certification authorities, client certificates and the like. */
  tls?: SecureContextOptions | undefined;
  /** Milliseconds between the attempts at two addresses (RFC 8305 section 5: 250). */
  staggerMs?: number | undefined;
  /** Whether every address of a host must be globally reachable: a name that has another one is not connected to at all. */
  globalOnly?: boolean | undefined;
  /** The addresses of a name, in the order of preference. */
  addressesOf?: ((hostname: string) => Promise<string[]>) | undefined;
}

const maxAddresses = 8;

/**
 * Connects to the first address of a host that is reached (Happy Eyeballs, RFC 8305). An attempt goes on while the next one
 * begins: Node.js gives each address but a quarter of a second, and a slow one is never reached.
 */
export function createConnector({
  timeoutMs,
  tls,
  staggerMs = 250,
  globalOnly = false,
  addressesOf = resolve,
}: ConnectOptions): buildConnector.connector {
  const connect = buildConnector({ ...tls, timeout: timeoutMs });
  return (target, callback) => {
    const connected = (...result: Parameters<buildConnector.Callback>): void => {
      if (result[1]) readOnAfterBrokenWrite(result[1]);
      callback(...result);
    };
    const literal = target.hostname.replace(/^\[|\]$/g, '');
    if (globalOnly && isIP(literal) !== 0 && !isGlobalAddress(literal)) {
      callback(notGlobal(), null);
      return;
    }
    if (isIP(target.hostname) !== 0) {
      connect(target, connected);
      return;
    }
    addressesOf(target.hostname).then(
      (addresses) => {
        // Those that are judged here are those that are connected to: the name is not looked up again.
        if (globalOnly && !addresses.every(isGlobalAddress)) {
          callback(notGlobal(), null);
          return;
        }
        const attempts = addresses.slice(0, maxAddresses).map((hostname) => ({ ...target, hostname }));
        connectToFirst(connect, attempts, staggerMs, connected);
      },
      (error: unknown) => callback(error instanceof Error ? error : new Error('no address'), null),
    );
  };
}

function notGlobal(): Error {
  return new Error('the host has an address that is not public');
}

/** Names below localhost are this machine's, whatever a name server says (RFC 6761 section 6.3). */
async function resolve(hostname: string): Promise<string[]> {
  const found = await lookup(hostname.endsWith('.localhost') ? 'localhost' : hostname, { all: true, verbatim: true });
  const first = found[0]?.family;
  const preferred = found.filter(({ family }) => family === first);
  const others = found.filter(({ family }) => family !== first);
  // The families in turn (RFC 8305 section 4).
  return preferred
    .flatMap((each, index) => [each, ...others.slice(index, index + 1)])
    .concat(others.slice(preferred.length))
    .map(({ address }) => address);
}

function connectToFirst(
  connect: buildConnector.connector,
  attempts: readonly buildConnector.Options[],
  staggerMs: number,
  callback: buildConnector.Callback,
): void {
  let next = 0;
  let failed = 0;
  let isConnected = false;
  let failure: Error | undefined;
  let timer: NodeJS.Timeout | undefined;

  const begin = (): void => {
    clearTimeout(timer);
    const attempt = attempts[next];
    if (attempt === undefined || isConnected) return;
    next += 1;
    if (next < attempts.length) timer = setTimeout(begin, staggerMs);
    connect(attempt, (...[error, socket]) => {
      if (error === null) succeed(socket);
      else fail(error);
    });
  };
  const succeed = (socket: Socket): void => {
    clearTimeout(timer);
    if (isConnected) socket.on('error', () => undefined).destroy();
    else {
      isConnected = true;
      callback(null, socket);
    }
  };
  const fail = (error: Error): void => {
    failed += 1;
    // A host of which one address is only slow is not a host that refuses.
    if (failure === undefined || isTimeout(error)) failure = error;
    if (failed === attempts.length) callback(failure, null);
    else if (failed === next) begin();
  };

  if (attempts.length === 0) callback(new Error('the name has no address'), null);
  else begin();
}

function isTimeout(error: Error): boolean {
  return 'code' in error && error.code === 'UND_ERR_CONNECT_TIMEOUT';
}

type Settled = (error?: Error | null) => void;

/**
 * A server may respond before it has read the whole request and hang up. Then writing fails while the response lies unread in
 * the socket: the failure of the write is left out, and reading goes on to the response or to the end that the reset leaves.
 */
function readOnAfterBrokenWrite(socket: Socket): void {
  const settled =
    (callback: Settled): Settled =>
    (error) =>
      callback(isBrokenPipe(error) && !socket.destroyed ? null : error);
  const write = socket._write.bind(socket);
  socket._write = (chunk, encoding, callback) => write(chunk, encoding, settled(callback));
  const writev = socket._writev?.bind(socket);
  if (writev) socket._writev = (chunks, callback) => writev(chunks, settled(callback));
}

function isBrokenPipe(error: Error | null | undefined): boolean {
  return error != null && 'code' in error && (error.code === 'EPIPE' || error.code === 'ECONNRESET');
}
