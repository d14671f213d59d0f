import { createCookieJar } from './cookie-jar.js';
import type { Cookie, CookieJar } from './cookie-jar.js';
import { chooseForm, fillForm } from './fill-form.js';
import type { Filling } from './fill-form.js';
import { farther, fetchSite } from './site.js';
import { send } from './transport.js';
import type { Answer } from './answer.js';
import type { Routes } from './transport.js';

export interface BrowserOptions {
  /** Plain http counts as secure, as browsers treat it on localhost: Secure cookies are kept and sent. */
  secureContext?: boolean;
  routes?: Routes;
  /** The certificate that is trusted, where a route leads to a listener that speaks TLS. */
  authority?: string;
  /** Milliseconds since the epoch, for cookies that expire. */
  now?: () => number;
  /** Sent with every request, under the request's own. */
  headers?: Record<string, string>;
}

export interface RequestOptions {
  headers?: Record<string, string>;
  accept?: string;
  /** Sent urlencoded. */
  form?: Record<string, string> | URLSearchParams;
  json?: unknown;
  body?: string | Buffer;
}

export interface NavigateOptions extends RequestOptions {
  /** POST for a form; GET when absent. */
  method?: string;
  /** The page with the link or the form; without one the address was typed. */
  from?: Answer | URL | string;
  /** Redirects are followed unless false. */
  follow?: boolean;
  /** Stops before this address is opened; the answer is the redirect to it. */
  until?: (next: URL) => boolean;
}

export type Verb = (target: string | URL, options?: RequestOptions) => Promise<Answer>;
export type Verbs = Record<'get' | 'post' | 'put' | 'patch' | 'delete', Verb>;

export interface Browser extends Verbs {
  base: URL;
  jar: CookieJar;
  /** One request as it is: cookies, no redirects, no Sec-Fetch headers. */
  request(method: string, target: string | URL, options?: RequestOptions): Promise<Answer>;
  /** The same as the front end's own fetch: JSON, `X-CSRF: 1`, Origin and Sec-Fetch headers of the same origin. */
  api: Verbs;
  /** A person opens an address. */
  navigate(target: string | URL, options?: NavigateOptions): Promise<Answer>;
  /** A person fills a form of a page and sends it. Redirects are not followed unless `follow` is true. */
  submit(page: Answer, options?: Filling & NavigateOptions): Promise<Answer>;
  /** The newest cookie of this name for the base address, or for another one. */
  cookie(name: string, url?: string | URL): Cookie | undefined;
  setCookie(name: string, value: string, attributes?: Partial<Cookie>): void;
  cookies(): Cookie[];
  cookieHeader(target?: string | URL): string | undefined;
  /** Another tab: the same cookies. */
  newTab(): Browser;
  /** Another browser: no cookies yet. */
  newBrowser(): Browser;
}

function payload({ form, json, body }: RequestOptions): { body?: string | Buffer; type?: string } {
  if (form) return { body: new URLSearchParams(form).toString(), type: 'application/x-www-form-urlencoded' };
  if (json !== undefined) return { body: JSON.stringify(json), type: 'application/json' };
  return body === undefined ? {} : { body };
}

function urlOf(page: Answer | URL | string, base: URL): URL {
  return typeof page === 'string' || page instanceof URL ? new URL(page, base) : page.url;
}

function verbs(request: (method: string, target: string | URL, options?: RequestOptions) => Promise<Answer>): Verbs {
  return {
    get: (target, options) => request('GET', target, options),
    post: (target, options) => request('POST', target, options),
    put: (target, options) => request('PUT', target, options),
    patch: (target, options) => request('PATCH', target, options),
    delete: (target, options) => request('DELETE', target, options),
  };
}

/** A browser seen from the server: cookies per host, and navigation with the headers that browsers send. */
export function createBrowser(baseUrl: string, options: BrowserOptions = {}, jar = createCookieJar(options)): Browser {
  const base = new URL(baseUrl);

  async function request(method: string, target: string | URL, given: RequestOptions = {}): Promise<Answer> {
    const url = new URL(target, base);
    const { body, type } = payload(given);
    const cookie = jar.header(url);
    const answer = await send(
      {
        method,
        url,
        headers: {
          accept: given.accept ?? '*/*',
          ...(type === undefined ? {} : { 'content-type': type }),
          ...(cookie === undefined ? {} : { cookie }),
          ...options.headers,
          ...given.headers,
        },
        ...(body === undefined ? {} : { body }),
      },
      options.routes,
      options.authority,
    );
    for (const line of answer.setCookies) jar.receive(line, url);
    return answer;
  }

  function apiRequest(method: string, target: string | URL, given: RequestOptions = {}): Promise<Answer> {
    return request(method, target, {
      accept: 'application/json',
      ...given,
      headers: {
        'x-csrf': '1',
        'sec-fetch-site': 'same-origin',
        'sec-fetch-mode': 'cors',
        'sec-fetch-dest': 'empty',
        ...(method === 'GET' ? {} : { origin: base.origin }),
        ...given.headers,
      },
    });
  }

  async function navigate(target: string | URL, given: NavigateOptions = {}): Promise<Answer> {
    const from = given.from === undefined ? undefined : urlOf(given.from, base);
    let step: NavigateOptions = given;
    let method = given.method ?? 'GET';
    let origin = (from ?? base).origin;
    let url = new URL(target, base);
    let site = fetchSite(from, url);
    for (let hops = 0; hops < 20; hops++) {
      const answer = await request(method, url, {
        accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
        ...step,
        headers: {
          'upgrade-insecure-requests': '1',
          'sec-fetch-site': site,
          'sec-fetch-mode': 'navigate',
          'sec-fetch-dest': 'document',
          'sec-fetch-user': '?1',
          ...(method === 'GET' ? {} : { origin }),
          ...given.headers,
        },
      });
      const next = answer.location;
      if (given.follow === false || !next || answer.status < 301 || answer.status > 308 || given.until?.(next))
        return answer;
      if (answer.status < 307) {
        method = 'GET';
        step = given.accept === undefined ? {} : { accept: given.accept };
      }
      if (next.origin !== url.origin) origin = 'null';
      site = from ? farther(site, fetchSite(url, next)) : 'none';
      url = next;
    }
    throw new Error(`too many redirects, the last one to ${url.origin}${url.pathname}`);
  }

  function submit(page: Answer, given: Filling & NavigateOptions = {}): Promise<Answer> {
    const { method, action, data } = fillForm(chooseForm(page.text, given), given);
    const url = new URL(action || page.url.href, page.url);
    const asked = { follow: false, from: page, ...given };
    if (method === 'post') return navigate(url, { ...asked, method: 'POST', form: data });
    url.search = data.toString();
    return navigate(url, asked);
  }

  return {
    base,
    jar,
    request,
    ...verbs(request),
    api: verbs(apiRequest),
    navigate,
    submit,
    cookie: (name, url = base) => jar.matching(new URL(url, base)).findLast((cookie) => cookie.name === name),
    setCookie: (name, value, attributes) =>
      jar.put({
        name,
        value,
        host: base.hostname,
        hostOnly: true,
        path: '/',
        secure: false,
        httpOnly: true,
        line: '',
        ...attributes,
      }),
    cookies: () => jar.all(),
    cookieHeader: (target = base) => jar.header(new URL(target, base)),
    newTab: () => createBrowser(baseUrl, options, jar),
    newBrowser: () => createBrowser(baseUrl, options),
  };
}
