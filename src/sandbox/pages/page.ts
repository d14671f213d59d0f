import type { Response } from 'express';
import { html, type Html } from './html.js';
import type { Locale } from './texts.js';

export interface Page {
  readonly title: string;
  /** The provider that this page stands for; undefined for the sandbox's own pages. */
  readonly provider?: string;
  readonly locale?: Locale;
  readonly wide?: boolean;
  readonly body: Html;
}

/**
 * Sends a page that runs nothing and cannot be framed. The policy names no form-action on purpose: browsers apply it to
 * the redirect after a form as well, and consent is answered with a redirect to the client.
 */
export function sendPage(res: Response, status: number, page: Page): void {
  res
    .status(status)
    .set({
      'Content-Security-Policy':
        "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'",
      'Cache-Control': 'no-store',
      'Referrer-Policy': 'same-origin',
      'X-Content-Type-Options': 'nosniff',
    })
    .type('html')
    .send(document(page).markup);
}

function document({ title, provider, locale = 'en', wide, body }: Page): Html {
  return html`<!doctype html>
    <html lang="${locale}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="/sandbox.css" />
      </head>
      <body>
        <header class="banner">${banner(provider, locale)}</header>
        <main class="${wide ? 'wide' : ''}">${body}</main>
      </body>
    </html> `;
}

function banner(provider: string | undefined, locale: Locale): string {
  if (provider === undefined) return 'Sandbox: everything here is made up';
  return locale === 'nb' ? `Sandkasse: ikke den virkelige ${provider}` : `Sandbox: not the real ${provider}`;
}
