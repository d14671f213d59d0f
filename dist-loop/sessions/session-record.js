import { hashSecret, isEqual } from './session-id.js';
/** The stored form: the hash of the secret, a line break, JSON. The hash comes first so that a write can be guarded by it. */
export function encodeSession(id, session) {
    return Buffer.concat([secretPrefix(id), Buffer.from(JSON.stringify(session))]);
}
/** What every record of this very id begins with. */
export function secretPrefix({ secret }) {
    return Buffer.from(`${hashSecret(secret)}\n`);
}
/** What was decoded, by the very bytes it came from: a record that the store recalls is the same object each time. */
const decoded = new WeakMap();
/** The session, if the record is of this id and whole. */
export function decodeSession(id, record) {
    const known = decoded.get(record);
    if (known?.secret === id.secret)
        return known.session;
    const session = decode(id, record);
    if (session !== undefined)
        decoded.set(record, { secret: id.secret, session });
    return session;
}
function decode(id, record) {
    const text = record.toString('utf8');
    if (!isEqual(text.slice(0, 44), `${hashSecret(id.secret)}\n`))
        return undefined;
    return readStored(record);
}
/** The session as it lies in the store, whoever asks. */
export function readStored(record) {
    try {
        const { createdAt, renewedAt, owner } = JSON.parse(record.toString('utf8').slice(44));
        if (typeof createdAt !== 'number' || typeof renewedAt !== 'number')
            return undefined;
        return { createdAt, renewedAt, ...(typeof owner === 'string' ? { owner } : {}) };
    }
    catch {
        return undefined;
    }
}
