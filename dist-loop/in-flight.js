export function createInFlight() {
    const running = new Set();
    return {
        add: (work) => {
            running.add(work);
            const done = () => running.delete(work);
            work.then(done, done);
            return work;
        },
        settled: async () => {
            while (running.size > 0)
                await Promise.allSettled(running);
        },
    };
}
