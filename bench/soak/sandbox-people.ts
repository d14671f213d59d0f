import { createBrowser, type Browser } from '../../test/world/browser.js';
import { connect } from '../../test/world/journey.js';
import type { FaultWindows } from './fault-windows.js';
import { answerKind } from './person.js';
import { questions, renewable, type Question } from './sandbox-world.js';
import type { Stage } from './stage.js';
import { killName, type Tally } from './tally.js';

export interface SandboxPeople {
  /** One of them makes one call; the answer has to be the one that this person got first. */
  call(): Promise<void>;
  seen(): { calls: number; mismatches: number; refreshes: number };
}

/** Two people, each connected to all four providers by the pages that a person sees there. */
export async function connectSandboxPeople(
  { fleet, publicUrl, sandbox }: Stage,
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
    const { status } = answer;
    const isRead = own !== undefined && status === 200;
    const kind = answerKind({ status, code: answer.headers['x-gatehouse-error']?.toString() });
    return { status, kind, text: isRead ? JSON.stringify(own(answer.json)) : answer.text };
  };
  const connectTo = async (name: string, browser: Browser, provider: string): Promise<void> => {
    routes[publicUrl] = `http://127.0.0.1:${fleet.next().process.port}`;
    const values = { username: `${name}@example.org`, password: 'sandbox' };
    const { final, finalUrl } = await connect(browser, provider, { values });
    if (finalUrl.searchParams.get('connected') !== provider)
      throw new Error(`${name} could not connect ${provider}: ${final.status} ${finalUrl.search}`);
  };
  for (const question of questions) {
    for (const { name, browser } of people) {
      await connectTo(name, browser, question.provider);
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
      const { name, browser, question } = one;
      const began = Date.now();
      const { kind, text } = await ask(browser, question).catch(() => ({ kind: '0 broken', text: '' }));
      if (kind === '200') {
        if (text === first.get(`${name} ${question.provider}`)) return;
        mismatches += 1;
        tally.problem(`${question.provider} in the sandbox answered with what is not ${name}'s`);
      } else if (kind === '401 reauth_required' && windows.all.some((window) => window.name === killName)) {
        // The process that was killed may have taken new tokens with it.
        await connectTo(name, browser, question.provider);
      } else tally.otherFailure(`${question.provider} in the sandbox`, kind, began, Date.now());
    },
    seen: () => ({
      calls,
      mismatches,
      refreshes: renewable.reduce((sum, provider) => sum + sandbox.control.calls()[provider].refresh, 0),
    }),
  };
}
