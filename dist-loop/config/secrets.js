import { randomBytes } from 'node:crypto';
const generate = 'openssl rand -base64 32';
/** SESSION_SECRET: comma-separated, the first signs, all verify. */
export function sessionSecrets(environment, production) {
    const value = environment.secret('SESSION_SECRET');
    if (value === undefined)
        return [ephemeral(environment, 'SESSION_SECRET', production).toString('base64')];
    const secrets = value.split(',').map((secret) => secret.trim());
    for (const [index, secret] of secrets.entries()) {
        const where = secrets.length > 1 ? `SESSION_SECRET (entry ${index + 1})` : 'SESSION_SECRET';
        if (Buffer.byteLength(secret) < 32)
            environment.refuse(where, 'it is shorter than 32 bytes', `Make one with: ${generate}`);
        else if (looksLikeSample(secret))
            refuseSample(environment, where, production);
    }
    return secrets;
}
/** ENCRYPTION_KEYS: comma-separated `id:base64` of 32 bytes; the first encrypts, all decrypt. */
export function encryptionKeys(environment, production) {
    const value = environment.secret('ENCRYPTION_KEYS');
    if (value === undefined)
        return [{ id: 'temporary', key: ephemeral(environment, 'ENCRYPTION_KEYS', production) }];
    const keys = [];
    for (const [index, entry] of value.split(',').entries()) {
        const where = `ENCRYPTION_KEYS (entry ${index + 1})`;
        const [, id, encoded] = /^\s*([A-Za-z0-9_-]{1,32}):([A-Za-z0-9+/_-]+={0,2})\s*$/.exec(entry) ?? [];
        const key = Buffer.from(encoded ?? '', 'base64');
        if (id === undefined || key.length !== 32)
            environment.refuse(where, 'it is not id:base64 of exactly 32 bytes', `Write k1: and the output of: ${generate}`);
        else if (keys.some((known) => known.id === id))
            environment.refuse(where, `the id ${id} is used twice`, 'Give each key an id of its own.');
        else if (new Set(key).size < 8 || looksLikeSample(key.toString('latin1')))
            refuseSample(environment, where, production);
        if (id !== undefined)
            keys.push({ id, key });
    }
    return keys;
}
function ephemeral(environment, name, production) {
    const make = name === 'ENCRYPTION_KEYS' ? `echo "k1:$(${generate})"` : generate;
    if (production)
        environment.refuse(name, 'it is not set', `Production needs it. Make one with: ${make}`);
    else
        environment.warn(`${name} is not set: a random one is used, and sessions end when this process does.`);
    return randomBytes(32);
}
function refuseSample(environment, where, production) {
    if (production)
        environment.refuse(where, 'this is a sample value', `Make one of your own with: ${generate}`);
    else
        environment.warn(`${where} is a sample value; production would refuse it.`);
}
function looksLikeSample(secret) {
    return (/change[-_ ]?me|example|sample|placeholder|your[-_ ]|replace|secret[-_ ]?key|0123456789|password/i.test(secret) ||
        new Set(secret).size < 8);
}
