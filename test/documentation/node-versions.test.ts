import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { isSupported } from '../../src/command-line/doctor/node-version.js';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const { engines } = JSON.parse(read('package.json')) as { engines: { node: string } };
/** The first version of each line that is supported. */
const lowest = engines.node.split(' || ').map((range) => range.replace(/^(\^|>=)/, ''));

test('the pages, the doctor and package.json name the same versions of Node', () => {
  const words = lowest.map((version) => version.replace(/\.0(\.0)?$/, '')).join(', ');
  expect(words).toBe('20.19, 22.13, 24');
  for (const path of ['README.md', 'docs/quick-start.md', 'CONTRIBUTING.md', 'src/command-line/doctor/node-version.ts'])
    expect([path, read(path).includes(`Node ${words} or newer`)]).toEqual([path, true]);
  const before = ['20.18.9', '21.9.0', '22.12.9', '23.9.0'];
  const supported = (version: string) => isSupported(`v${version}`);
  expect([lowest.map(supported), before.map(supported)]).toEqual([[true, true, true], before.map(() => false)]);
});

test('npm ci installs no package on the oldest of them that asks for a newer one', () => {
  const { packages } = JSON.parse(read('package-lock.json')) as {
    packages: Record<string, { engines?: { node?: string }; optional?: boolean }>;
  };
  const major = Number(lowest[0]?.split('.')[0]);
  const newer = Object.entries(packages).filter(([, { engines: needed }]) => {
    const ranges = (needed?.node ?? '').split('||').map((range) => /(\d+)/.exec(range)?.[1]);
    return ranges.every((first) => first !== undefined && Number(first) > major);
  });
  expect(newer.map(([name]) => name)).toEqual([]);
});
