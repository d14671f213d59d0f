import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
/** A fingerprint per file of the folders; the last folder that has a file wins. It lets browsers keep a file for long. */
export function assetVersions(folders) {
    const versions = new Map();
    for (const folder of folders.filter(existsSync)) {
        for (const entry of readdirSync(folder, { withFileTypes: true })) {
            if (!entry.isFile())
                continue;
            const digest = createHash('sha256').update(readFileSync(join(folder, entry.name)));
            versions.set(entry.name, digest.digest('hex').slice(0, 10));
        }
    }
    return versions;
}
