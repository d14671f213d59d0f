/** What `work` comes to, or, if that takes longer than `limitMs`, what `late` answers or throws. */
export function within(limitMs, work, late) {
    let timer;
    const limit = new Promise((resolve) => {
        timer = setTimeout(resolve, limitMs);
    }).then(late);
    return Promise.race([work, limit]).finally(() => clearTimeout(timer));
}
