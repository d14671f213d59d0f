import { variable } from './variable.js';
/** The two variables go together, and only with a provider whose file says how it signs. */
export function webhookProblems(id, { webhooks: file }, { webhookSecret: secret, webhookForwardUrl: url }) {
    const problems = [];
    const [secretName, urlName] = [variable(id, 'WEBHOOK_SECRET'), variable(id, 'WEBHOOK_FORWARD_URL')];
    if (secret === undefined && url === undefined)
        return [];
    if (!file)
        problems.push({
            where: secret === undefined ? urlName : secretName,
            what: `${id} has no webhooks`,
            remedy: 'Leave it out, or describe them in the key webhooks of the provider file.',
        });
    if (secret === undefined)
        problems.push({ where: secretName, what: 'it is not set', remedy: `It goes together with ${urlName}.` });
    if (url === undefined)
        problems.push({ where: urlName, what: 'it is not set', remedy: `It goes together with ${secretName}.` });
    else if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
        problems.push({ where: urlName, what: 'it is not a web address', remedy: 'Name where verified events are sent.' });
    return problems;
}
/** Undefined where the provider has no webhooks, or the operator wants none. */
export function webhooks({ webhooks: file }, { webhookSecret: secret, webhookForwardUrl: forwardUrl }) {
    if (!file || secret === undefined || forwardUrl === undefined)
        return undefined;
    return {
        signatureHeader: file.signature_header.toLowerCase(),
        encoding: file.encoding ?? 'hex',
        signaturePrefix: file.signature_prefix ?? '',
        ...(file.event_id ? { eventId: file.event_id } : {}),
        ...(file.timestamp ? { timestamp: file.timestamp } : {}),
        tolerance: file.tolerance ?? 300,
        secret,
        forwardUrl,
    };
}
