const tolerance = 250;
export function createServerClock() {
    let ahead = 0;
    return {
        now: () => Date.now() + ahead,
        learn(serverMs) {
            const off = serverMs - (Date.now() + ahead);
            if (Math.abs(off) <= tolerance)
                return false;
            ahead += off;
            return true;
        },
    };
}
