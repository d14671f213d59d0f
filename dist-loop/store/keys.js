/**
 * The names of everything stored. All records of one browser carry its tag in braces, so that they share a slot of a
 * Redis Cluster and can be changed together. The tag is part of the session cookie, the secret part of it is not here.
 */
/** What the keys of all browsers' records begin with. */
export const recordPrefix = 'gh:{';
export const sessionKey = (tag) => `gh:{${tag}}:session`;
export const connectionKey = (tag, provider) => `gh:{${tag}}:connection:${provider}`;
/** A token set whose account the person has not confirmed yet. */
export const candidateKey = (tag, provider) => `gh:{${tag}}:candidate:${provider}`;
export const lockKey = (tag, provider) => `gh:{${tag}}:lock:${provider}`;
/** How long the token endpoint is left alone after it failed. */
export const pauseKey = (tag, provider) => `gh:{${tag}}:pause:${provider}`;
/** A pending authorization. */
export const attemptKey = (tag, id) => `gh:{${tag}}:attempt:${id}`;
/** Says which session an attempt was carried over to. */
export const carriedKey = (tag, id) => `gh:{${tag}}:carried:${id}`;
/** The tag under which the token of an application itself is kept (client credentials). */
export const applicationTag = (provider) => `app-${provider}`;
/** Written to see that its report comes back. */
export const probeKey = (id) => `gh:{probe}:${id}`;
/** An owner assertion that was used. */
export const assertionKey = (hash) => `gh:assertion:${hash}`;
/** An event of a provider that was passed on. */
export const eventKey = (provider, hash) => `gh:event:${provider}:${hash}`;
export const limitKey = (name, who) => `gh:limit:${name}:${who}`;
