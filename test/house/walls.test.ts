import { expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ground, house, roomOf } from '../../build/house.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const eslint = fileURLToPath(new URL('../../node_modules/eslint/bin/eslint.js', import.meta.url));

/** What `npm run lint` says of this text, if it were the file `path`. */
function lint(path: string, text: string): { ruleId: string; message: string }[] {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [eslint, '--stdin', '--stdin-filename', path, '--format', 'json'],
    { cwd: root, input: text, encoding: 'utf8' },
  );
  expect(stderr).toBe('');
  const [result] = JSON.parse(stdout) as { messages: { ruleId: string; message: string }[] }[];
  return result?.messages ?? [];
}

test('the linter refuses an import through a wall, of a type as of a value', () => {
  const broken = `
    import type { Session } from '../sessions/session-record.js';
    import { createApp } from '../app.js';
    export { render } from '../views/render.js';
    export * from '../../test/world/app.js';
    export const lazy = () => import('../metrics/metrics.js');
    export const kept: Session = createApp;
  `;
  const found = lint('src/proxy/broken.ts', broken).filter(({ ruleId }) => ruleId === 'walls/between-rooms');
  expect(found.map(({ message }) => message)).toEqual([
    'proxy may not import sessions (build/house.js).',
    'proxy may not import app (build/house.js).',
    'proxy may not import views (build/house.js).',
    'proxy may not import test/world/app.js (build/house.js).',
    'proxy may not import metrics (build/house.js).',
  ]);
});

test('it passes an import to a room below, to the ground and within the room', () => {
  const sound = `
    import type { Provider } from '../providers/provider.js';
    import { GatehouseError } from '../errors.js';
    export type { Route } from './routes.js';
    export const provider = (each: Provider) => new GatehouseError('not_found', each.id);
  `;
  expect(lint('src/proxy/sound.ts', sound)).toEqual([]);
});

test('the table has every room of src, and each names only rooms below it', () => {
  const rooms = Object.keys(house);
  const paths = readdirSync(`${root}src`, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));
  const found = new Set(paths.map((path) => roomOf(`src/${path}`)));
  expect([...found].sort()).toEqual([...rooms.filter((room) => room !== 'scripts'), ...ground].sort());
  for (const [room, below] of Object.entries(house))
    for (const other of below)
      expect([room, other, rooms.indexOf(other) > rooms.indexOf(room)]).toEqual([room, other, true]);
});
