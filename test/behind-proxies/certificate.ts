import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Certificate {
  folder: string;
  file: string;
  keyFile: string;
  /** The certificate, which is its own authority. */
  text: string;
  remove(): void;
}

const script = fileURLToPath(new URL('../../deploy/compose/trial-certificate.sh', import.meta.url));

/** A certificate for this host name, made by the script that the documentation offers for a trial. */
export function makeCertificate(name: string): Certificate {
  const folder = mkdtempSync(join(tmpdir(), 'certificate-'));
  execFileSync(script, [folder, name], { stdio: 'pipe' });
  const [file, keyFile] = [join(folder, 'fullchain.pem'), join(folder, 'privkey.pem')];
  return {
    folder,
    file,
    keyFile,
    text: readFileSync(file, 'utf8'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
