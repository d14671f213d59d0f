/**
 * What the server's clock shows, as far as is known here, so that a step can carry the moment after which it must not be
 * made any more. Begins with the belief that both clocks agree, and learns otherwise when the server says `late`.
 */
export interface ServerClock {
  /** Milliseconds since the epoch, on the server's clock. */
  now(): number;
  /** Learns from an answer what the server's clock showed. True: it was wrong by more than a network explains. */
  learn(serverMs: number): boolean;
}

const tolerance = 250;

export function createServerClock(): ServerClock {
  let ahead = 0;
  return {
    now: () => Date.now() + ahead,
    learn(serverMs) {
      const off = serverMs - (Date.now() + ahead);
      if (Math.abs(off) <= tolerance) return false;
      ahead += off;
      return true;
    },
  };
}
