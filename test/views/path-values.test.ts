import { expect, test } from '@jest/globals';
import { filledPath, isPathValue } from '../../views/assets/paging.js';

test.each(['a', 'A-1', 'a/1', 'fødsel 1', 'a..b', '...', 17, 0.5])(
  '%j can stand in a path, as one segment',
  (value) => {
    expect(isPathValue(value)).toBe(true);
    const { pathname } = new URL(filledPath('/v1/files/{id}/pages', { id: value }), 'https://api.test');
    expect(pathname.split('/')).toHaveLength(5);
    expect(pathname).toMatch(/^\/v1\/files\/[^/]+\/pages$/);
  },
);

test.each([
  ...['', '.', '..', '../admin', 'a/../b', '/a', 'a/', 'a//b', '..\\admin', 'a\\b'],
  ...['%2e%2e', '..%2fadmin', '%252e', 'a?b', 'a#b', 'a\n', 'a\0', '\u202e', 'a'.repeat(1025)],
  ...[NaN, Infinity, null, undefined, true, {}, ['a']],
])('%j is refused', (value) => {
  expect(isPathValue(value)).toBe(false);
});
