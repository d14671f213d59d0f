import type { Browser } from './browser.js';
import { findButton } from './fillForm.js';
import type { Filling } from './fillForm.js';
import { parseForms } from './forms.js';
import type { Answer } from './transport.js';

const refusal = /^(deny|refuse|reject|decline|cancel|abort|no|avbryt|avslå|nei)\b/i;

export interface JourneyOptions {
  /** Query of /connect/:provider. */
  query?: Record<string, string>;
  /** Typed at the authorization server, by field name. Fields that stay empty are filled with a test person. */
  values?: Record<string, string>;
  /** Whether the person agrees at the authorization server; true when absent. */
  consent?: boolean;
  /** What is pressed on our own confirmation page: `confirm` when absent. */
  confirm?: 'confirm' | 'cancel';
  /** Stops before the callback is opened, or with the confirmation page on screen. */
  stopAt?: 'callback' | 'confirm';
  /** Headers of every request of the person. */
  headers?: Record<string, string>;
}

export interface Journey {
  /** The authorization request, when the server sent the browser away. */
  authorizationUrl?: URL;
  /** The authorization response. */
  callbackUrl?: URL;
  /** Where the browser was sent after the callback, whether or not anything answers there. */
  finalUrl: URL;
  /** The last answer. */
  final: Answer;
  /** Every page with a form that was filled in on the way. */
  pages: Answer[];
}

function typed(page: Answer, values: Record<string, string>, consent: boolean): Filling {
  const [form] = parseForms(page.text);
  if (!form) throw new Error(`a page without a form: ${page.url.pathname} answered ${page.status}`);
  const filled = Object.fromEntries(form.empty.map((name) => [name, form.passwords.includes(name) ? 'secret' : 'jo']));
  const known = Object.entries(values).filter(([name]) => page.text.includes(`name="${name}"`));
  const refused = consent ? undefined : findButton(form, refusal);
  const agreed = form.buttons.find(
    (button) => ![button.name, button.value, button.label].some((text) => refusal.test(text)),
  );
  const pressed = refused ?? (consent ? agreed : undefined);
  return {
    values: { ...filled, ...Object.fromEntries(known) },
    ...(pressed ? { button: pressed } : {}),
  };
}

/** A person connects a provider, from the link on our page through the authorization server's pages and back. */
export async function connect(browser: Browser, provider: string, options: JourneyOptions = {}): Promise<Journey> {
  const { query = {}, values = {}, consent = true, headers = {} } = options;
  const folder = browser.base.pathname.replace(/\/$/, '');
  const callbackPath = `${folder}/connect/${provider}/callback`;
  const isOurs = (url: URL) => url.origin === browser.base.origin;
  const isCallback = (url: URL) => isOurs(url) && url.pathname === callbackPath;
  const pages: Answer[] = [];

  const start = new URL(`${folder}/connect/${provider}`, browser.base);
  start.search = new URLSearchParams(query).toString();
  let answer = await browser.navigate(start, { from: browser.base, follow: false, headers });
  if (!answer.location || isOurs(answer.location))
    return { final: answer, finalUrl: answer.location ?? answer.url, pages };
  const authorizationUrl = answer.location;

  const follow = { until: isCallback, headers };
  answer = await browser.navigate(authorizationUrl, { from: browser.base, ...follow });
  while (!(answer.location && isCallback(answer.location))) {
    if (pages.length > 8) throw new Error(`the authorization server keeps asking, last at ${answer.url.pathname}`);
    pages.push(answer);
    answer = await browser.submit(answer, { ...typed(answer, values, consent), ...follow, follow: true });
    if (isCallback(answer.url)) break;
  }
  const from = answer.url;
  const callbackUrl = answer.location && isCallback(answer.location) ? answer.location : undefined;
  if (callbackUrl && options.stopAt === 'callback')
    return { authorizationUrl, callbackUrl, finalUrl: callbackUrl, final: answer, pages };
  if (callbackUrl) answer = await browser.navigate(callbackUrl, { from, follow: false, headers });

  if (answer.location?.pathname === `${folder}/connect/${provider}/confirm`) {
    answer = await browser.navigate(answer.location, { from, follow: false, headers });
    pages.push(answer);
    if (options.stopAt !== 'confirm') {
      const which = `/connect/${provider}/confirm`;
      answer = await browser.submit(answer, { which, button: `decision=${options.confirm ?? 'confirm'}`, headers });
    }
  }
  return {
    authorizationUrl,
    ...(callbackUrl ? { callbackUrl } : {}),
    finalUrl: answer.location ?? answer.url,
    final: answer,
    pages,
  };
}
