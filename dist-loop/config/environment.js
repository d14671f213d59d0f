import { readFileSync, statSync } from 'node:fs';
export function readEnvironment(variables) {
    const problems = [];
    const warnings = [];
    const refuse = (where, what, remedy) => problems.push({ where, what, remedy });
    const warn = (text) => warnings.push(text);
    const text = (name) => variables[name]?.trim() || undefined;
    const secret = (name) => {
        const file = text(`${name}_FILE`);
        if (file === undefined)
            return text(name);
        if (text(name) !== undefined)
            refuse(`${name}_FILE`, `${name} is set, too`, 'Keep one of the two; only one can be meant.');
        try {
            if ((statSync(file).mode & 0o004) !== 0)
                warn(`${name}_FILE: ${file} can be read by every user of this machine; chmod 600 is enough.`);
            const value = readFileSync(file, 'utf8').replace(/\r?\n$/, '');
            if (value === '')
                refuse(`${name}_FILE`, `${file} is empty`, 'Put the secret into it.');
            return value || undefined;
        }
        catch (error) {
            const code = typeof error === 'object' && error && 'code' in error ? String(error.code) : 'unreadable';
            refuse(`${name}_FILE`, `${file} cannot be read (${code})`, 'Name a file that exists and that this user may read.');
            return undefined;
        }
    };
    const integer = (name, fallback, { from, to }) => {
        const value = text(name);
        if (value === undefined)
            return fallback;
        const number = /^\d{1,15}$/.test(value) ? Number(value) : NaN;
        if (number >= from && number <= to)
            return number;
        refuse(name, `this is not a whole number from ${from} to ${to}`, `Leave it out for ${fallback}.`);
        return fallback;
    };
    const list = (name) => (text(name) ?? '')
        .split(',')
        .map((entry) => entry.trim())
        .filter((entry) => entry !== '');
    return { text, secret, integer, list, refuse, warn, problems, warnings };
}
