import { LRUCache } from 'lru-cache';

/** Whether a token is at fault, asked once for all calls that wonder at the same time or soon after. Kept in the process. */
export type AskOnce = (key: string, accessToken: string, question: () => Promise<boolean>) => Promise<boolean>;

const answerLifeMs = 10_000;

interface Answer {
  accessToken: string;
  /** Milliseconds since the epoch. */
  until: number;
  answer: Promise<boolean>;
}

export function createAskOnce(now: () => number): AskOnce {
  const answers = new LRUCache<string, Answer>({ max: 10_000 });
  return (key, accessToken, question) => {
    const known = answers.get(key);
    if (known?.accessToken === accessToken && now() < known.until) return known.answer;
    const answer = question();
    answers.set(key, { accessToken, until: now() + answerLifeMs, answer });
    return answer;
  };
}
