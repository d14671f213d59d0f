import { createHash, randomBytes } from 'node:crypto';

export interface Visit {
  status: number;
  url: URL;
  html: string;
}

/** A person at a browser: keeps cookies, reads forms, presses buttons, and stops where a redirect leaves the sandbox. */
export class PersonBrowser {
  private readonly cookies = new Map<string, { value: string; path: string }>();
  pagesSeen = 0;

  constructor(private readonly origin: string) {}

  async open(url: string, init: RequestInit = {}): Promise<Visit> {
    let at = new URL(url);
    let answer = await this.fetch(at, init);
    for (let hops = 0; answer.status >= 300 && answer.status < 400 && hops < 10; hops += 1) {
      at = new URL(answer.headers.get('location') ?? '', at);
      if (at.origin !== this.origin) return { status: answer.status, url: at, html: '' };
      answer = await this.fetch(at, {});
    }
    this.pagesSeen += 1;
    return { status: answer.status, url: at, html: await answer.text() };
  }

  /** Submits the page's form as it is filled in, with the button of this value and with `values` put in. */
  async submit(page: Visit, button?: string, values: Record<string, string> = {}): Promise<Visit> {
    const form = /<form[^>]*method="post"[^>]*action="([^"]+)"[^>]*>(.*?)<\/form>/s.exec(page.html);
    if (!form) throw new Error(`no form on a page of status ${page.status}`);
    const fields = new Map<string, string>();
    for (const [browserId] of form[2]!.matchAll(/<input[^>]*>/g)) {
      if (attribute(browserId, 'type') === 'radio' && !/\schecked/.test(browserId)) continue;
      fields.set(attribute(browserId, 'name'), attribute(browserId, 'value'));
    }
    for (const [name, value] of Object.entries(values)) fields.set(name, value);
    for (const [browserId] of form[2]!.matchAll(/<button[^>]*>/g))
      if (button !== undefined && attribute(browserId, 'value') === button)
        fields.set(attribute(browserId, 'name'), button);
    return this.open(new URL(form[1]!, page.url).href, { method: 'POST', body: new URLSearchParams([...fields]) });
  }

  /** Signs in as the person who is filled in (or another one), and allows; returns the callback. */
  async allow(url: string, username?: string, values: Record<string, string> = {}): Promise<URL> {
    let page = await this.open(url);
    if (page.html.includes('name="password"')) page = await this.submit(page, undefined, username ? { username } : {});
    if (page.html !== '') page = await this.submit(page, 'allow', values);
    return page.url;
  }

  private async fetch(url: URL, init: RequestInit): Promise<Response> {
    const cookie = [...this.cookies]
      .filter(([, { path }]) => url.pathname.startsWith(path))
      .map(([key, { value }]) => `${key.split(' ')[0]!}=${value}`)
      .join('; ');
    const answer = await fetch(url, { ...init, redirect: 'manual', headers: cookie === '' ? {} : { cookie } });
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value, path] = /^([^=]+)=([^;]*);.*Path=([^;]+)/.exec(line)!;
      this.cookies.set(`${name!} ${path!}`, { value: value!, path: path! });
    }
    return answer;
  }
}

export function pkcePair(): { verifier: string; challenge: string } {
  const verifier = randomBytes(32).toString('base64url');
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}

export function postForm(url: string, fields: Record<string, string>, headers: Record<string, string> = {}) {
  return fetch(url, { method: 'POST', body: new URLSearchParams(fields), headers, redirect: 'manual' });
}

function attribute(browserId: string, name: string): string {
  return new RegExp(`\\s${name}="([^"]*)"`).exec(browserId)?.[1] ?? '';
}
