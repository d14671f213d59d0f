import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A certificate for 127.0.0.1, the authority that signed it, and an authority that has nothing to do with it. */
export function makeCertificates() {
  const directory = mkdtempSync(join(tmpdir(), 'gatehouse-tls-'));
  const at = (name: string): string => join(directory, name);
  const openssl = (...args: string[]): void => void execFileSync('openssl', args, { stdio: 'pipe' });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc', '-days', '2'];
  for (const name of ['ca', 'stranger'])
    openssl('req', '-x509', ...newKey, '-subj', `/CN=${name}`, '-keyout', at(`${name}.key`), '-out', at(`${name}.pem`));
  const sign = (authority: string, name: string): void => {
    const signer = ['-CA', at(`${authority}.pem`), '-CAkey', at(`${authority}.key`)];
    const subject = ['-subj', '/CN=redis', '-addext', 'subjectAltName=IP:127.0.0.1'];
    openssl('req', '-x509', ...newKey, ...signer, ...subject, '-keyout', at(`${name}.key`), '-out', at(`${name}.pem`));
  };
  sign('ca', 'redis');
  sign('stranger', 'elsewhere');
  return {
    files: {
      caFile: at('ca.pem'),
      certFile: at('redis.pem'),
      keyFile: at('redis.key'),
      strangerFile: at('stranger.pem'),
    },
    /** For 127.0.0.1 too, signed by the stranger. */
    elsewhere: { certFile: at('elsewhere.pem'), keyFile: at('elsewhere.key') },
    authority: readFileSync(at('ca.pem'), 'utf8'),
    stranger: readFileSync(at('stranger.pem'), 'utf8'),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
