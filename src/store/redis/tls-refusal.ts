import { isIP } from 'node:net';
import { connect } from 'node:tls';
import { failureCode, isRefusal } from './failure.js';
import type { RedisAddress } from './url.js';

/** Milliseconds for a handshake. */
const timeoutMs = 1_000;

/**
 * Why a certificate of these servers is not believed, in one word; undefined where that is not what is wrong. Of sentinels and
 * clusters the client library tells no more than that a connection was closed.
 */
export async function tlsRefusal({ tls, nodes }: RedisAddress, ca: string | undefined): Promise<string | undefined> {
  if (!tls) return undefined;
  const codes = await Promise.all(nodes.map((node) => refusalOf(node, ca)));
  return codes.find((code) => code !== undefined);
}

function refusalOf({ host, port }: RedisAddress['nodes'][number], ca: string | undefined): Promise<string | undefined> {
  return new Promise((resolve) => {
    const trusted = ca === undefined ? {} : { ca };
    const servername = isIP(host) === 0 ? { servername: host } : {};
    const socket = connect({ host, port, ...trusted, ...servername, rejectUnauthorized: true, timeout: timeoutMs });
    const end = (code?: string): void => {
      resolve(code !== undefined && isRefusal(code) ? code : undefined);
      socket.destroy();
    };
    socket.on('secureConnect', () => end());
    socket.on('timeout', () => end());
    // The server's alert to our refusal may come as a second error.
    socket.on('error', (error) => end(failureCode(error)));
  });
}
