import { expect, test } from '@jest/globals';
import { problems } from '../../src/errors.js';
import { locales, type Locale } from '../../src/views/locale.js';
import { messages, problemTexts } from '../../src/views/messages.js';
import type { ViewModels } from '../../src/views/models.js';
import { createViews } from '../../src/views/render.js';
import { codes, connection, detail, home, organizations, situations, type Situation } from './models.js';

const views = createViews({ directory: new URL('../../views', import.meta.url), basePath: '/gate' });
const page = ({ name, model }: Situation, locale: Locale) => views.render(name, model, locale);
const each = locales.flatMap((locale) => situations.map((one) => ({ locale, ...one })));

test.each(each)('$title is a whole page in $locale', ({ locale, ...one }) => {
  const html = page(one, locale);
  expect(html).toContain(`<html lang="${locale}">`);
  expect(html.match(/<h1[ >]/g)).toHaveLength(1);
  expect(html).toMatch(/<title>[^<]+ – Gatehouse<\/title>/);
  expect(html.trimEnd().endsWith('</html>')).toBe(true);
  expect(html).not.toMatch(/undefined|\[object|NaN|=> /);
});

test.each(each)(
  '$title in $locale holds no inline script or style and nothing from elsewhere',
  ({ locale, ...one }) => {
    const html = page(one, locale);
    expect(html).not.toMatch(/<style|\sstyle=|\son[a-z]+=|javascript:/i);
    for (const [browserId] of html.matchAll(/<script[^>]*>/g))
      expect(browserId).toMatch(/ src="\/gate\/assets\/[a-z-]+\.js\?v=[0-9a-f]{10}"/);
    expect(html).not.toMatch(/<script[^>]*>[^<]/);
    for (const [, address] of html.matchAll(/<(?:link|img|script)[^>]*(?:href|src)="([^"]*)"/g)) {
      expect(address).toMatch(/^\/gate\/assets\//);
    }
  },
);

test.each(each)('every id is unique and every label leads somewhere: $title in $locale', ({ locale, ...one }) => {
  const html = page(one, locale);
  const ids = [...html.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const [, id] of html.matchAll(/ (?:aria-labelledby|aria-describedby|for)="([^"]*)"/g)) expect(ids).toContain(id);
});

test.each(each)('every form that posts carries the token against forgery: $title in $locale', ({ locale, ...one }) => {
  const forms = page(one, locale).match(/<form[^>]* method=[\s\S]*?<\/form>/g) ?? [];
  for (const form of forms) {
    expect(form).toMatch(/<form method="post" action="\/gate\/[^"]+"/);
    expect(form).toContain('<input type="hidden" name="csrf_token" value="token-of-the-form">');
  }
});

test.each(locales.flatMap((locale) => codes.map((code) => ({ locale, code }))))(
  '$code has a title and says what to do in $locale',
  ({ locale, code }) => {
    const { title, action } = problemTexts[locale][code];
    expect(title).toMatch(/^\p{Lu}.*[^.]$/u);
    expect(action).toMatch(/^\p{Lu}.*\.$/u);
    const html = views.render('error', { code, request_id: 'r-1' }, locale);
    expect(html).toContain(escaped(title));
    expect(html).toContain(escaped(action));
  },
);

test('no language has texts for codes that do not exist', () => {
  for (const locale of locales) expect(Object.keys(problemTexts[locale]).sort()).toEqual(Object.keys(problems).sort());
});

test('the languages have the same sentences, and no sentence is empty', () => {
  const leaves = (value: unknown, at = ''): string[] =>
    typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([name, inner]) => leaves(inner, `${at}.${name}`))
      : [value === '' ? `${at} is empty` : at];
  expect(leaves(messages.nb)).toEqual(leaves(messages.en));
  expect(leaves(messages.en).filter((leaf) => leaf.endsWith('is empty'))).toEqual([]);
});

const payload = `"><script>alert('1')</script><img src=x onerror=alert(1)>`;
const hostile: Situation[] = [
  { title: 'account label', name: 'home', model: home({ connections: [withAccount(payload)] }) },
  {
    title: 'account label of the detail page',
    name: 'connection',
    model: detail({ connection: withAccount(payload) }),
  },
  {
    title: 'organization, scope, environment and result',
    name: 'home',
    model: home({
      connections: [
        connection('scope_missing', {
          environment: payload,
          organization: { id: payload, name: payload, required: false },
          scopes: { granted: [payload], missing: [payload] },
          last_refresh: { at: payload, result: payload },
        }),
      ],
    }),
  },
  {
    title: 'organization to choose',
    name: 'connection',
    model: detail({ organizations: { ...organizations, choices: [{ id: payload, name: payload }] } }),
  },
  {
    title: 'example call',
    name: 'connection',
    model: detail({ examples: [{ name: payload, path: payload, body: payload, rows: payload }] }),
  },
  { title: 'request id', name: 'error', model: { code: 'access_denied', request_id: payload } },
  {
    title: 'notice',
    name: 'home',
    model: home({ notice: { kind: 'connect_error', code: 'access_denied', provider: payload, request_id: payload } }),
  },
  {
    title: 'accounts to confirm',
    name: 'confirm',
    model: {
      csrf_token: payload,
      provider: { id: 'acme', name: 'Acme' },
      account: payload,
      previous_account: payload,
      parameters: { [payload]: payload },
    },
  },
  {
    title: 'parameters of a link from elsewhere',
    name: 'start',
    model: { csrf_token: 't', provider: { id: 'acme', name: 'Acme' }, parameters: { return_to: payload } },
  },
];

test.each(hostile)('markup in a $title is shown as text', ({ name, model }) => {
  const html = views.render(name, model, 'en');
  expect(html).not.toContain('<script>alert');
  expect(html).not.toContain('<img');
  expect(html).toContain('&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;');
});

const buttons: [ViewModels['home']['connections'][number]['status'], string[]][] = [
  ['not_connected', ['Connect']],
  ['connected', ['Open data', 'Reconnect', 'Add another', 'Disconnect']],
  ['expiring', ['Reconnect', 'Open data', 'Add another', 'Disconnect']],
  ['confirmation_required', ['Check and confirm', 'Disconnect']],
  ['scope_missing', ['Repair', 'Open data', 'Add another', 'Disconnect']],
  ['organization_required', ['Choose organization', 'Reconnect', 'Add another', 'Disconnect']],
  ['reauth_required', ['Reconnect', 'Add another', 'Disconnect']],
  ['provider_unavailable', ['Open data', 'Reconnect', 'Add another', 'Disconnect']],
];

test.each(buttons)('a card that is %s offers %j', (status, expected) => {
  const html = views.render('home', home({ connections: [connection(status)] }), 'en');
  const card = /<article[\s\S]*<\/article>/.exec(html)?.[0] ?? '';
  const shown = card.replaceAll(/(<details[^>]*>\s*<summary[\s\S]*?<\/summary>)[\s\S]*?<\/details>/g, '$1');
  expect([...shown.matchAll(/class="button[^"]*"[^>]*>([^<]*)</g)].map(([, label]) => label)).toEqual(expected);
});

test('disconnecting and logging out ask first, without script: the button opens a question, the answer is the form', () => {
  const html = views.render('home', home({ connections: [connection('connected')] }), 'en');
  for (const action of ['/gate/connections/acme/disconnect', '/gate/logout']) {
    const form = html.indexOf(`<form method="post" action="${action}"`);
    const before = html.slice(0, form);
    expect(before.lastIndexOf('<details class="sure">')).toBeGreaterThan(before.lastIndexOf('</details>'));
    expect(before.slice(before.lastIndexOf('<details'))).toContain('<summary');
    expect(html).not.toContain('<details class="sure" open');
  }
});

test('a person is told when access ends, or ended, and that connecting again is what helps', () => {
  const at = { expires_at: '2030-05-17T12:30:00Z', expires_in: 0, source: 'expires_at', refreshable: false };
  const shown = (status: 'expiring' | 'reauth_required', access: typeof at) =>
    views
      .render('home', home({ connections: [connection(status, { access })] }), 'en')
      .replaceAll(/<[^>]+>/g, '')
      .replaceAll(/\s+/g, ' ');
  expect(shown('expiring', { ...at, expires_in: 3600 })).toMatch(
    /Access ends on 17 May 2030.* 12:30 UTC and cannot be refreshed\. Reconnect/,
  );
  expect(shown('reauth_required', at)).toMatch(/Access ended on 17 May 2030.* 12:30 UTC\. Reconnect/);
  expect(shown('reauth_required', { ...at, refreshable: true })).toContain('no longer accepts this connection');
});

test('in development a card that is not connected names the redirect URI for when the provider shows an error', () => {
  const shown = (redirect_uri: string | null) =>
    views.render('home', home({ connections: [connection('not_connected', { redirect_uri })] }), 'en');
  expect(shown('http://localhost/connect/acme/callback')).toContain('>http://localhost/connect/acme/callback</code>');
  expect(shown(null)).toContain('Did the provider show an error?');
  expect(shown(null)).not.toContain('redirect URI');
});

test('rows about what is not known are left out', () => {
  const bare = { account: null, last_refresh: null, organization: null, scopes: null };
  const html = views.render('home', home({ connections: [connection('connected', bare)] }), 'en');
  const terms = [...html.matchAll(/<dt>([^<]*)</g)].map(([, term]) => term);
  expect(terms).toEqual(['Access valid for']);
});

test('who declined is told so calmly, and everybody else gets the id under which the log has the cause', () => {
  const shown = (code: 'access_denied' | 'provider_misconfigured') =>
    views.render('home', home({ notice: { kind: 'connect_error', code, request_id: 'r-123' } }), 'en');
  expect(shown('access_denied')).toMatch(/<section class="notice plain" role="status"/);
  expect(shown('access_denied')).not.toContain('r-123');
  expect(shown('provider_misconfigured')).toMatch(/<section class="notice bad" role="alert"/);
  expect(shown('provider_misconfigured')).toContain('<code>r-123</code>. The administrator finds the cause');
});

test('the error page tells the operator the sentence of the log where there is one', () => {
  const shown = (detail: string | null) =>
    views.render('error', { code: 'provider_misconfigured', request_id: 'r-1', detail }, 'en');
  expect(shown('Acme cannot be used: <issuer>.')).toContain('Acme cannot be used: &lt;issuer&gt;.');
  expect(shown(null)).toContain('Details are in the log, under the request id below.');
});

test('a card without a way to connect offers neither connecting nor disconnecting', () => {
  const shown = home({ connections: [connection('connected', { connectable: false })] });
  const html = views.render('home', shown, 'en');
  expect(html).not.toContain('action="/gate/connect/acme"');
  expect(html).not.toContain('action="/gate/connections/acme/disconnect"');
});

test('a provider that does not answer and was never connected offers connecting alone', () => {
  const none = connection('provider_unavailable', { account: null, scopes: null, access: null });
  const html = views.render('home', home({ connections: [none] }), 'en');
  expect(html).toContain('aria-label="Connect: Acme Books"');
  expect(html).not.toMatch(/Open data|Disconnect|Reconnect/);
});

test('only a repair asks for consent again', () => {
  const forms = (status: 'scope_missing' | 'reauth_required') =>
    views.render('home', home({ connections: [connection(status)] }), 'en');
  expect(forms('scope_missing')).toContain('<input type="hidden" name="reconsent" value="1">');
  expect(forms('reauth_required')).not.toContain('name="reconsent"');
});

test('the confirming button comes before the cancelling one, so that Enter confirms', () => {
  const html = views.render('confirm', { csrf_token: 't', provider: { id: 'acme', name: 'Acme' }, account: 'A' }, 'en');
  expect([...html.matchAll(/name="decision" value="([a-z]+)"/g)].map(([, value]) => value)).toEqual([
    'confirm',
    'cancel',
  ]);
});

test('the language switch marks the language of the page and keeps a given address', () => {
  const links = { en: '/gate/connect/acme?lang=en&x=1', nb: '/gate/connect/acme?lang=nb&x=1' };
  const html = views.render('home', { ...home(), language_links: links }, 'nb-NO');
  expect(html).toMatch(/href="\/gate\/connect\/acme\?lang=en&amp;x=1" lang="en" hreflang="en" >/);
  expect(html).toMatch(/lang="nb" hreflang="nb" aria-current="true">/);
});

function withAccount(label: string) {
  return connection('connected', { account: { subject: label, label } });
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll("'", '&#39;').replaceAll('<', '&lt;');
}

test('the notice after connecting says what is left to do, and leads to the data when nothing is', () => {
  const shown = (status: 'connected' | 'organization_required') =>
    views.render(
      'home',
      home({ connections: [connection(status)], notice: { kind: 'connected', provider: 'acme' } }),
      'en',
    );
  const notice = (html: string) => /<section class="notice good"[\s\S]*?<\/section>/.exec(html)?.[0];
  expect(notice(shown('connected'))).toContain('<a href="/gate/connections/acme">Open data</a>');
  expect(notice(shown('organization_required'))).toContain('Choose which organization');
  expect(notice(shown('organization_required'))).not.toContain('<a ');
});

test('the explorer is given every example call and the words for every error code', () => {
  const body = '{"query":"{ companies { id } }"}';
  const examples = [
    { name: { en: 'Companies', nb: 'Selskaper' }, method: 'POST', path: '/graphql', body, rows: '/data/companies' },
  ];
  const html = views.render('connection', detail({ examples }), 'nb');
  expect(html).toContain('data-proxy="/gate/proxy/acme"');
  expect(html).toContain('data-method="POST" data-path="/graphql"');
  expect(html).toContain('data-body="{&#34;query&#34;:&#34;{ companies { id } }&#34;}"');
  expect(html).toContain('data-rows="/data/companies"');
  expect(html).toContain('Selskaper');
  for (const code of codes) expect(html).toContain(`<template data-problem="${code}">`);
  expect(html).toContain('<noscript>');
});

test('a connection that is not ready has no explorer and loads no script for it', () => {
  const html = views.render('connection', detail({ connection: connection('reauth_required') }), 'en');
  expect(html).not.toContain('data-explorer');
  expect(html).not.toContain('explorer.js');
});
