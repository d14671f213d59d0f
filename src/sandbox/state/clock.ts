/** The sandbox's time. Every expiry is counted by it, so that a test or a person can move ten days ahead at once. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Whole seconds since the epoch. */
  seconds(): number;
  advance(seconds: number): void;
  /** Seconds that this clock is ahead of the real one. */
  ahead(): number;
  reset(): void;
}

export function movableClock(real: () => number): Clock {
  let offset = 0;
  const now = () => real() + offset;
  return {
    now,
    seconds: () => Math.floor(now() / 1000),
    advance(seconds) {
      offset += seconds * 1000;
    },
    ahead: () => offset / 1000,
    reset() {
      offset = 0;
    },
  };
}
