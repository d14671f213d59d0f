import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';

interface Packed {
  shasum: string;
  files: { path: string }[];
}

const run = promisify(execFile);
const root = new URL('../..', import.meta.url).pathname;

async function pack(): Promise<Packed> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-pack-'));
  try {
    const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder], { cwd: root });
    const said = JSON.parse(stdout) as Packed[] | Record<string, Packed>;
    const [packed] = Object.values(said);
    if (!packed) throw new Error('npm packed nothing');
    return packed;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

test('the package has the same bytes each time, and holds the server, the pages and the documentation alone', async () => {
  const [first, second] = [await pack(), await pack()];
  expect(second.shasum).toBe(first.shasum);
  const paths = first.files.map(({ path }) => path);
  expect(paths).toEqual(
    expect.arrayContaining([
      'LICENSE',
      'README.md',
      'CHANGELOG.md',
      'dist/main.js',
      'dist/providers/catalog/invoiced.yaml',
      'views/home.ejs',
      'docs/releasing.md',
    ]),
  );
  const ours = /^(dist\/(?!bench\/|test\/)|views\/|docs\/|[A-Z]+(\.md)?$|package\.json$|\.env\.example$)/;
  expect(paths.filter((path) => !ours.test(path))).toEqual([]);
}, 60_000);
