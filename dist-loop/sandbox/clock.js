export function movableClock(real) {
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
