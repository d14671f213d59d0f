import type { Browser, Verbs } from '../world/browser.js';
import type { Answer } from '../world/answer.js';

export interface Watched {
  /** Every answer of ours that the browser got, and every address that it saw on the way. */
  answers: Answer[];
  urls: URL[];
}

/** The same browser, with everything that our server tells it written down. */
export function watch(browser: Browser): { browser: Browser; watched: Watched } {
  const watched: Watched = { answers: [], urls: [] };
  const { origin } = browser.base;
  const keep = (answer: Answer) => {
    const isOurs = answer.url.origin === origin;
    if (isOurs && !answer.url.pathname.startsWith('/proxy/')) watched.answers.push(answer);
    if (isOurs) watched.urls.push(answer.url);
    if (answer.location?.origin === origin) watched.urls.push(answer.location);
    return answer;
  };
  const verbs = (given: Verbs) =>
    Object.fromEntries(
      (['get', 'post', 'put', 'patch', 'delete'] as const).map((name) => [
        name,
        (...asked: Parameters<Verbs['get']>) => given[name](...asked).then(keep),
      ]),
    ) as unknown as Verbs;
  return {
    watched,
    browser: {
      ...browser,
      ...verbs(browser),
      api: verbs(browser.api),
      navigate: (...asked) => browser.navigate(...asked).then(keep),
      submit: (...asked) => browser.submit(...asked).then(keep),
    },
  };
}
