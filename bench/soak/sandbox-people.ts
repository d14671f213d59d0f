import { stringify } from 'yaml';
import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.js';
import { createBrowser, type Browser } from '../../test/world/browser.js';
import { connect } from '../../test/world/journey.js';
import type { FaultWindows } from './fault-windows.js';
import type { Fleet } from './fleet.js';
import type { Tally } from './tally.js';

interface Question {
  provider: string;
  method: 'get' | 'post';
  path: string;
  json?: unknown;
  /** What of the answer is the person's and stays the same; all of it where this is not given. */
  own?: (body: unknown) => unknown;
}

/** What tells two people apart at each of the sandbox's providers. */
const questions: readonly Question[] = [
  { provider: 'request-finance', method: 'get', path: '/invoices' },
  { provider: 'invoiced', method: 'get', path: '/invoices' },
  {
    provider: 'luca',
    method: 'post',
    path: '/api/v1/graphql',
    json: { query: '{ companies { nodes { id name } } saleInvoices { nodes { id } } }' },
  },
  {
    provider: 'financefeast',
    method: 'get',
    path: '/oauth/validate',
    own: (body) => (body as { email: string }).email,
  },
];

export interface SandboxWorld {
  sandbox: Sandbox;
  /** Text for PROVIDERS_DIR, by provider id. */
  files: Record<string, string>;
  env: Record<string, string>;
}

/** The emulators of the four providers, for processes that do not start them themselves. */
export async function openSandbox(publicUrl: string): Promise<SandboxWorld> {
  const redirectUri = (id: string): string => `${publicUrl}/connect/${id}/callback`;
  const sandbox = await startSandbox({ port: 0, redirectUri });
  const ids = new Set<string>(questions.map(({ provider }) => provider));
  const wanted = sandbox.providers.filter(({ id }) => ids.has(id));
  const prefixes = [...ids].map((id) => `${id.toUpperCase().replaceAll('-', '_')}_CLIENT_`);
  const env = Object.entries(sandbox.environment).filter(([name]) => prefixes.some((each) => name.startsWith(each)));
  return {
    sandbox,
    files: Object.fromEntries(wanted.map((file) => [file.id, stringify(file)])),
    env: Object.fromEntries(env),
  };
}

export interface SandboxPeople {
  /** One of them makes one call; the answer has to be the one that this person got first. */
  call(): Promise<void>;
  readonly calls: number;
  readonly mismatches: number;
}

/** Two people, each connected to all four providers by the pages that a person sees there. */
export async function connectSandboxPeople(
  fleet: Fleet,
  publicUrl: string,
  windows: FaultWindows,
  tally: Tally,
): Promise<SandboxPeople> {
  const routes: Record<string, string> = {};
  const people = ['jo', 'kari'].map((name) => ({ name, browser: createBrowser(publicUrl, { routes }) }));
  const first = new Map<string, string>();
  let [calls, mismatches] = [0, 0];
  const ask = async (browser: Browser, { provider, method, path, json, own }: Question) => {
    routes[publicUrl] = `http://127.0.0.1:${fleet.next().process.port}`;
    const answer = await browser.api[method](`/proxy/${provider}${path}`, json === undefined ? {} : { json });
    const isRead = own !== undefined && answer.status === 200;
    return { status: answer.status, text: isRead ? JSON.stringify(own(answer.json)) : answer.text };
  };
  routes[publicUrl] = `http://127.0.0.1:${fleet.next().process.port}`;
  for (const question of questions) {
    for (const { name, browser } of people) {
      const values = { username: `${name}@example.org`, password: 'sandbox' };
      const { final, finalUrl } = await connect(browser, question.provider, { values });
      if (finalUrl.searchParams.get('connected') !== question.provider)
        throw new Error(`${name} could not connect ${question.provider}: ${final.status} ${finalUrl.search}`);
      const { status, text } = await ask(browser, question);
      if (status !== 200) throw new Error(`${question.provider} answered ${name} with ${status}`);
      first.set(`${name} ${question.provider}`, text);
    }
    const [one, other] = people.map(({ name }) => first.get(`${name} ${question.provider}`));
    if (one === other) throw new Error(`${question.provider} answers both people alike: nothing could be compared`);
  }
  const all = people.flatMap(({ name, browser }) => questions.map((question) => ({ name, browser, question })));
  return {
    async call() {
      const one = all[calls % all.length];
      if (!one) return;
      calls += 1;
      const began = Date.now();
      const answer = await ask(one.browser, one.question).catch(() => undefined);
      if (answer?.status !== 200) {
        if (!windows.touches(began, Date.now()))
          tally.problem(`${one.question.provider} in the sandbox: ${answer?.status ?? 'a broken connection'}`);
      } else if (answer.text !== first.get(`${one.name} ${one.question.provider}`)) {
        mismatches += 1;
        tally.problem(`${one.question.provider} in the sandbox answered with what is not ${one.name}'s`);
      }
    },
    get calls() {
      return calls;
    },
    get mismatches() {
      return mismatches;
    },
  };
}
