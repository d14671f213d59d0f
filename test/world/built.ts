import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** The file in dist that holds what is compiled from this one: the front end's modules are joined into one. */
function compiledName(source: string): string {
  if (source.startsWith('client/')) return 'client/gatehouse.js';
  return source.replace(/\.ts$/, '.js');
}

/**
 * Throws where `compiled` (dist) does not hold what `sources` (src) say now, so that no test passes or fails for what the code
 * was yesterday.
 */
export function assertBuilt(sources: string, compiled: string): void {
  const changedAt = (path: string): number => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const stale = readdirSync(sources, { recursive: true, encoding: 'utf8' }).find((name) => {
    const isCompiled = /(?<!\.d)\.ts$|\.yaml$/.test(name);
    return isCompiled && changedAt(join(sources, name)) > changedAt(join(compiled, compiledName(name)));
  });
  if (stale !== undefined) throw new Error(`dist is older than src/${stale}: run npm run build`);
}
