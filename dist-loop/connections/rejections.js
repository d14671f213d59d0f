const coolDown = 60_000;
const answerAge = 10_000;
const most = 10_000;
export function createRejections(now) {
    const replacements = new Map();
    const answers = new Map();
    const current = (entries, key, accessToken) => {
        const entry = entries.get(key);
        return entry?.accessToken === accessToken && now() < entry.until ? entry : undefined;
    };
    const put = (entries, key, entry) => {
        if (entries.size >= most)
            entries.clear();
        entries.set(key, entry);
    };
    return {
        replaced: (key, accessToken) => put(replacements, key, { accessToken, until: now() + coolDown }),
        accepted: (key) => void replacements.delete(key),
        isInVain: (key, accessToken) => current(replacements, key, accessToken) !== undefined,
        ask: (key, accessToken, question) => {
            const known = current(answers, key, accessToken);
            if (known)
                return known.answer;
            const answer = question();
            put(answers, key, { accessToken, until: now() + answerAge, answer });
            return answer;
        },
    };
}
