import type { Browser } from './browser.js';
import { chooseForm, findButton } from './fill-form.js';
import type { Filling } from './fill-form.js';
import { parseForms } from './forms.js';
import type { Answer } from './answer.js';

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
  /** The organization that is chosen on our own page, '' for the personal account; left open when absent. */
  organization?: string;
  /** Stops before the callback is opened, or with the page on screen that confirms or asks for an organization. */
  stopAt?: 'callback' | 'confirm' | 'organization';
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

interface Way {
  browser: Browser;
  options: JourneyOptions;
  pages: Answer[];
  isCallback: (url: URL) => boolean;
}

/** From the authorization request to the response: fills in every page, and stops before the callback is opened. */
async function atAuthorizationServer(way: Way, authorizationUrl: URL): Promise<{ page: Answer; callbackUrl: URL }> {
  const { browser, options, pages, isCallback } = way;
  const { values = {}, consent = true, headers = {} } = options;
  const follow = { until: isCallback, headers };
  let page = await browser.navigate(authorizationUrl, { from: browser.base, ...follow });
  for (;;) {
    if (page.location && isCallback(page.location)) return { page, callbackUrl: page.location };
    if (pages.length > 8) throw new Error(`the authorization server keeps asking, last at ${page.url.pathname}`);
    const filling = typed(page, values, consent);
    const action = new URL(chooseForm(page.text, filling).action || page.url.href, page.url);
    pages.push(page);
    if (isCallback(action)) return { page, callbackUrl: action };
    page = await browser.submit(page, { ...filling, ...follow, follow: true });
  }
}

/** Opens the callback, by GET or with the form of a form_post response. */
function openCallback({ browser, options }: Way, page: Answer, callbackUrl: URL): Promise<Answer> {
  const { headers = {} } = options;
  if (!page.location) return browser.submit(page, { headers });
  return browser.navigate(callbackUrl, { from: page, follow: false, headers });
}

async function answerConfirmation({ browser, options, pages }: Way, location: URL, from: Answer): Promise<Answer> {
  const { headers = {}, confirm = 'confirm' } = options;
  const page = await browser.navigate(location, { from, follow: false, headers });
  pages.push(page);
  if (options.stopAt === 'confirm') return page;
  return browser.submit(page, { which: location.pathname, button: `decision=${confirm}`, headers });
}

async function answerQuestion({ browser, options, pages }: Way, location: URL, from: Answer): Promise<Answer> {
  const { headers = {}, organization } = options;
  const page = await browser.navigate(location, { from, follow: false, headers });
  pages.push(page);
  if (options.stopAt === 'organization' || page.location) return page;
  const values = organization === undefined ? {} : { organization };
  const button = `decision=${organization === undefined ? 'skip' : 'choose'}`;
  return browser.submit(page, { which: location.pathname, button, values, headers });
}

/** A person connects a provider, from the link on our page through the authorization server's pages and back. */
export async function connect(browser: Browser, provider: string, options: JourneyOptions = {}): Promise<Journey> {
  const { query = {}, headers = {} } = options;
  const start = new URL(`${browser.base.pathname.replace(/\/$/, '')}/connect/${provider}`, browser.base);
  const isOurs = (url: URL, path: string) =>
    url.origin === start.origin && url.pathname === `${start.pathname}/${path}`;
  const way: Way = { browser, options, pages: [], isCallback: (url) => isOurs(url, 'callback') };
  const { pages } = way;

  const begin = new URL(`?${new URLSearchParams(query).toString()}`, start);
  const begun = await browser.navigate(begin, { from: browser.base, follow: false, headers });
  const authorizationUrl = begun.location;
  if (!authorizationUrl || authorizationUrl.origin === start.origin)
    return { final: begun, finalUrl: authorizationUrl ?? begun.url, pages };

  const { page, callbackUrl } = await atAuthorizationServer(way, authorizationUrl);
  if (options.stopAt === 'callback')
    return { authorizationUrl, callbackUrl, finalUrl: callbackUrl, final: page, pages };

  let final = await openCallback(way, page, callbackUrl);
  if (final.location && isOurs(final.location, 'confirm')) final = await answerConfirmation(way, final.location, page);
  if (final.location && isOurs(final.location, 'organization')) final = await answerQuestion(way, final.location, page);
  return { authorizationUrl, callbackUrl, finalUrl: final.location ?? final.url, final, pages };
}
