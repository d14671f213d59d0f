/**
 * What became of tokens that a provider's API refused although they had not expired. An API that refuses every token
 * must not cost a renewal per call: a token that was made because another one was refused, and is refused as well, is
 * left at that for a while. Kept in the process, and bounded.
 */
export interface Rejections {
  /** This token came in place of a refused one. */
  replaced(key: string, accessToken: string): void;
  /** The API took the connection's token. */
  accepted(key: string): void;
  /**
   * Whether a refusal of a token that had just come in place of a refused one tells of the whole connection. Where the API has
   * lately taken its tokens elsewhere, a first refusal may be that one endpoint's; a second one, with no acceptance between, is not.
   */
  isConclusive(key: string): boolean;
  /** Whether making yet another token would be in vain for now. */
  isInVain(key: string, accessToken: string): boolean;
  /** The answer to whether a token is at fault, asked once for all calls that wonder at the same time or soon after. */
  ask(key: string, accessToken: string, question: () => Promise<boolean>): Promise<boolean>;
}

interface Entry {
  accessToken: string;
  /** Milliseconds since the epoch. */
  until: number;
}

const coolDownMs = 60_000;
const answerLifeMs = 10_000;
const maxEntries = 10_000;
/** Milliseconds for which an acceptance speaks for the connection. */
const acceptanceLifeMs = 60_000;

export function createRejections(now: () => number): Rejections {
  const replacements = new Map<string, Entry>();
  const answers = new Map<string, Entry & { answer: Promise<boolean> }>();
  /** When the API last took a token, and whether one was refused since, although it was new. Milliseconds since the epoch. */
  const acceptances = new Map<string, { at: number; doubted: boolean }>();
  const current = <E extends Entry>(entries: Map<string, E>, key: string, accessToken: string): E | undefined => {
    const entry = entries.get(key);
    return entry?.accessToken === accessToken && now() < entry.until ? entry : undefined;
  };
  const put = <E>(entries: Map<string, E>, key: string, entry: E): void => {
    if (entries.size >= maxEntries) entries.clear();
    entries.set(key, entry);
  };

  return {
    replaced: (key, accessToken) => put(replacements, key, { accessToken, until: now() + coolDownMs }),
    accepted: (key) => {
      if (replacements.size > 0) replacements.delete(key);
      const known = acceptances.get(key);
      if (!known) put(acceptances, key, { at: now(), doubted: false });
      else {
        known.at = now();
        known.doubted = false;
      }
    },
    isConclusive: (key) => {
      const accepted = acceptances.get(key);
      if (!accepted || accepted.doubted || now() - accepted.at >= acceptanceLifeMs) return true;
      accepted.doubted = true;
      return false;
    },
    isInVain: (key, accessToken) => current(replacements, key, accessToken) !== undefined,
    ask: (key, accessToken, question) => {
      const known = current(answers, key, accessToken);
      if (known) return known.answer;
      const answer = question();
      put(answers, key, { accessToken, until: now() + answerLifeMs, answer });
      return answer;
    },
  };
}
