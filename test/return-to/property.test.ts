import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { safeReturnTo, withOutcome } from '../../src/endpoints/request/return-to.js';

const numRuns = Number(process.env['GATEHOUSE_PROPERTY_RUNS'] ?? 10_000);
const ours = new URL('https://app.test/gate');
const allowed = ['https://front.app.test', 'http://localhost:5173'];
const home = [ours.origin, ...allowed];

/** Pieces of which addresses that mislead are made. */
const piece = fc.constantFrom(
  ...['/', '//', '\\', '\\\\', ':', '@', '?', '#', '.', '..', ' ', '\t', '\n', '\r', '\0', '%', '%2f', '%5c', '%00'],
  ...[
    'http:',
    'https:',
    'javascript:',
    'data:',
    'file:',
    'blob:',
    'HTTPS:',
    'ftp://',
    '%0d%0a',
    '%09',
    '\u3000',
    '\u2028',
  ],
  ...[
    'app.test',
    'front.app.test',
    'localhost:5173',
    'evil.test',
    'app.test.evil.test',
    'user',
    ':444',
    ':443',
    '[::1]',
  ],
  ...['app', 'path', 'a=b', '&', 'connected=x', '；', '／', '。', 'é', '😀', 'ﬀ', '\ufeff', '\u00ad', '0x7f.1'],
);
const misleading = fc.array(piece, { maxLength: 9 }).map((pieces) => pieces.join(''));
const rooted = misleading.map((text) => `/${text}`);
const address = fc.tuple(fc.constantFrom(...home), misleading).map((parts) => parts.join(''));
const anything = fc.oneof(misleading, rooted, address, fc.string(), fc.webUrl(), fc.string({ unit: 'binary' }));

test('no address that is accepted ever leaves our own origin or an allowed one', () => {
  let accepted = 0;
  fc.assert(
    fc.property(anything, fc.constantFrom('acme', '//evil.test', '&x=y#z'), (value, outcome) => {
      const safe = safeReturnTo(value, ours, allowed);
      if (safe === undefined) return;
      accepted += 1;
      const location = withOutcome(safe, { connected: outcome });
      // As a browser reads a Location: against any page, ours or not.
      for (const base of [ours.href, 'https://evil.test/x', 'http://evil.test/']) {
        const landed = new URL(location, base);
        expect(home).toContain(landed.origin);
        expect([landed.username, landed.password]).toEqual(['', '']);
        expect(landed.searchParams.getAll('connected')).toEqual([outcome]);
      }
      expect(location).toMatch(/^[\x21-\x7e]+$/);
    }),
    { numRuns },
  );
  expect(accepted).toBeGreaterThan(numRuns / 20);
});

const word = fc.stringMatching(/^[A-Za-z0-9_.~!$'()*,;:@-]{1,12}$/).filter((text) => !/^\.+$/.test(text));
const pair = fc
  .tuple(word, word)
  .map(([name, value]) => `${name.replaceAll(/[;,']/g, '')}x=${value.replaceAll("'", '')}`);
const good = fc.record({
  path: fc.array(word, { maxLength: 5 }).map((words) => `/${words.join('/')}`),
  query: fc.array(pair, { maxLength: 4 }).map((pairs) => pairs.join('&')),
  hash: fc.option(word, { nil: undefined }),
});

test('a good path is kept as it is, with the outcome at the end of its query', () => {
  fc.assert(
    fc.property(good, ({ path, query, hash }) => {
      const fragment = hash === undefined ? '' : `#${hash}`;
      const given = `${path}${query === '' ? '' : `?${query}`}${fragment}`;
      const safe = safeReturnTo(given, ours, allowed) ?? '';
      const expected = `${ours.origin}${path}?${query === '' ? '' : `${query}&`}connected=acme${fragment}`;
      expect(withOutcome(safe, { connected: 'acme' })).toBe(expected);
    }),
    { numRuns },
  );
});
