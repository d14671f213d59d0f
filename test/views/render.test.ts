import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { formatDuration, formatTime } from '../../src/views/format.js';
import { acceptedLocale, localeOf, localize } from '../../src/views/locale.js';
import { markOf } from '../../src/views/mark.js';
import { createViews } from '../../src/views/render.js';
import { home } from './models.js';

const directory = new URL('../../views', import.meta.url);
let overrides: string;

beforeEach(() => {
  overrides = mkdtempSync(join(tmpdir(), 'views-'));
  mkdirSync(join(overrides, 'partials'));
  mkdirSync(join(overrides, 'assets'));
});
afterEach(() => rmSync(overrides, { recursive: true }));

test("an operator's template wins over ours, and the rest stays", () => {
  writeFileSync(join(overrides, 'partials', 'footer.ejs'), '<footer>Acme & <%= "<Co>" %></footer>');
  const html = createViews({ directory, overrides, basePath: '' }).render('home', home(), 'en');
  expect(html).toContain('<footer>Acme & &lt;Co&gt;</footer>');
  expect(html).toContain('Your connections');
});

const broken: [string, string, string, RegExp][] = [
  [
    'puts text into a page unescaped',
    'home.ejs',
    '<%- model.csrf_token %>',
    /home\.ejs: it puts text .* without escaping/,
  ],
  ['has a mistake in it', 'home.ejs', '<% if ( { %>', /home\.ejs: Unexpected/],
  [
    'names what there is not',
    'error.ejs',
    '\n<%= model.code.x.y %>',
    /the page error cannot be made: error\.ejs line 2: /,
  ],
  ['shows a part that there is not', 'start.ejs', "<%= show('nothing') %>", /the page start .*no template nothing/],
  [
    'puts an object into a page',
    'home.ejs',
    '<%= model.connections %>',
    /the page home cannot be made: .*puts an object/,
  ],
  ['replaces no page', 'hom.ejs', 'x', /hom\.ejs: there is no page hom that it could replace/],
];

test.each(broken)('a template that %s stops the start and is named', (_what, name, text, words) => {
  writeFileSync(join(overrides, name), text);
  expect(() => createViews({ directory, overrides, basePath: '' })).toThrow(words);
});

test('every broken template is named at once', () => {
  writeFileSync(join(overrides, 'home.ejs'), '<% if ( { %>');
  writeFileSync(join(overrides, 'partials', 'card.ejs'), '<%- it.name %>');
  expect(() => createViews({ directory, overrides, basePath: '' })).toThrow(/home\.ejs[\s\S]*card\.ejs/);
});

test('a folder that is not there stops the start', () => {
  expect(() => createViews({ directory, overrides: join(overrides, 'none'), basePath: '' })).toThrow(
    /none: there is no folder of this name/,
  );
});

test("an operator's custom.css is the last style sheet, and ours stay", () => {
  writeFileSync(join(overrides, 'assets', 'custom.css'), ':root { --accent: navy }');
  const html = createViews({ directory, overrides, basePath: '' }).render('home', home(), 'en');
  const sheets = [...html.matchAll(/rel="stylesheet" href="\/assets\/([\w.]+)\?/g)].map(([, name]) => name);
  expect([sheets[0], sheets.at(-1)]).toEqual(['base.css', 'custom.css']);
  expect(createViews({ directory, basePath: '' }).render('home', home(), 'en')).not.toContain('custom.css');
});

test("an asset's address changes with its content, and an operator's asset folder comes first", () => {
  const address = () =>
    /href="([^"]*base\.css[^"]*)"/.exec(
      createViews({ directory, overrides, basePath: '/' }).render('home', home(), 'en'),
    )?.[1];
  const before = address();
  writeFileSync(join(overrides, 'assets', 'base.css'), 'body { color: red }');
  expect(before).toMatch(/^\/assets\/base\.css\?v=[0-9a-f]{10}$/);
  expect(address()).not.toBe(before);
  expect(createViews({ directory, overrides, basePath: '' }).assetFolders[0]).toBe(join(overrides, 'assets'));
});

test('no stylesheet, script or icon names an address outside of this server', () => {
  const folder = new URL('../../views/assets/', import.meta.url);
  for (const file of readdirSync(folder)) {
    const text = readFileSync(new URL(file, folder), 'utf8').replace('http://www.w3.org/2000/svg', '');
    expect(text).not.toMatch(/https?:|url\(|@import\s*["']/);
  }
});

test.each([
  [86_100, 'en', '23 hours 55 minutes'],
  [86_100, 'nb', '23 timer 55 minutter'],
  [300_000, 'en', '3 days 11 hours'],
  [3597, 'en', '59 minutes'],
  [3600, 'en', '1 hour'],
  [59, 'nb', '59 sekunder'],
  [0, 'en', '0 seconds'],
  [-5, 'en', '0 seconds'],
] as const)('%d seconds in %s are %s', (seconds, locale, words) => {
  expect(formatDuration(seconds, locale)).toBe(words);
});

test('a time is shown in UTC and says so', () => {
  expect(formatTime('2030-01-01T00:00:00Z', 'en')).toMatch(/^1 January 2030.* 00:00 UTC$/);
  expect(formatTime('2030-05-17T12:30:00Z', 'nb')).toMatch(/^17\. mai 2030.* 12:30 UTC$/);
  expect(formatTime('soon', 'en')).toBe('soon');
});

test.each([
  ['nb-NO,nb;q=0.9,en;q=0.8', 'nb'],
  ['no', 'nb'],
  ['de, nn;q=0.4', 'nb'],
  ['en;q=0.5, nb;q=0.9', 'nb'],
  ['nb;q=0, en', 'en'],
  ['de', 'en'],
  [undefined, 'en'],
])('Accept-Language %s is read in %s', (header, locale) => {
  expect(acceptedLocale(header)).toBe(locale);
});

test('a text without the language is shown in English', () => {
  expect(localize({ en: 'Invoices' }, 'nb')).toBe('Invoices');
  expect(localize('Prices', localeOf('nb'))).toBe('Prices');
});

test('a mark has one or two letters of the name and keeps its colour', () => {
  expect(markOf('acme', 'acme books').letters).toBe('AB');
  expect(markOf('acme', 'Ørsta').letters).toBe('Ør');
  expect(markOf('acme', '!')).toEqual({ ...markOf('acme', 'Acme'), letters: '?' });
});
