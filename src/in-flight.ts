/** Work that goes on when the request that began it is gone; the process does not end before it. */
export interface InFlight {
  add<T>(work: Promise<T>): Promise<T>;
  /** Resolves when nothing is under way. */
  settled(): Promise<void>;
}

export function createInFlight(): InFlight {
  const running = new Set<Promise<unknown>>();
  return {
    add: (work) => {
      running.add(work);
      const done = () => running.delete(work);
      work.then(done, done);
      return work;
    },
    settled: async () => {
      while (running.size > 0) await Promise.allSettled(running);
    },
  };
}
