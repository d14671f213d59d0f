import { connect } from 'node:tls';
import { isIP } from 'node:net';
import type { Finding } from './finding.js';

const day = 86_400_000;
/** Milliseconds. */
const timeoutMs = 5_000;

interface Seen {
  /** Why it is not believed; undefined where it is. */
  refused: string | undefined;
  /** Milliseconds since the epoch. */
  validUntil: number;
}

/** What is wrong with the certificate of an https address, or will be in two weeks. Nothing where nobody answers. */
export async function certificateFindings({ hostname, port, host }: URL, now: number): Promise<Finding[]> {
  const seen = await look(hostname.replace(/^\[|\]$/g, ''), Number(port || 443));
  if (!seen) return [];
  const left = Math.floor((seen.validUntil - now) / day);
  if (seen.refused !== undefined && seen.refused !== 'CERT_HAS_EXPIRED')
    return [
      {
        level: 'problem',
        where: host,
        what: `its certificate is not believed (${seen.refused})`,
        remedy:
          'Let a public authority sign it; a private one is named to Node with NODE_EXTRA_CA_CERTS=/path/to/authority.pem.',
      },
    ];
  if (left < 0) return [{ level: 'problem', where: host, what: 'its certificate has expired', remedy: 'Renew it.' }];
  if (left < 14)
    return [{ level: 'warning', where: host, what: `its certificate expires in ${left} days`, remedy: 'Renew it.' }];
  return [];
}

/** Connects, looks at the certificate, and sends nothing. */
function look(host: string, port: number): Promise<Seen | undefined> {
  return new Promise((resolve) => {
    const socket = connect({
      host,
      port,
      ...(isIP(host) === 0 ? { servername: host } : {}),
      rejectUnauthorized: false,
      timeout: timeoutMs,
    });
    const leave = (seen?: Seen): void => {
      socket.destroy();
      resolve(seen);
    };
    socket.once('error', () => leave());
    socket.once('timeout', () => leave());
    socket.once('secureConnect', () => {
      const { valid_to: until } = socket.getPeerCertificate();
      const refused = socket.authorized ? undefined : wordFor(socket.authorizationError);
      leave({ refused, validUntil: Date.parse(until) });
    });
  });
}

/** Node says Error and means the code, a text. */
function wordFor(error: unknown): string {
  if (typeof error === 'string') return error;
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown';
}
