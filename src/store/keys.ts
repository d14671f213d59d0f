/**
 * The names of everything stored. All records of one browser carry its tag in braces, so that they share a slot of a
 * Redis Cluster and can be changed together. The tag is part of the session cookie, the secret part of it is not here.
 */
/** What the keys of all browsers' records begin with. */
export const recordPrefix = 'gh:{';
export const sessionKey = (tag: string): string => `gh:{${tag}}:session`;
export const connectionKey = (tag: string, provider: string): string => `gh:{${tag}}:connection:${provider}`;
/** A token set whose account the person has not confirmed yet. */
export const candidateKey = (tag: string, provider: string): string => `gh:{${tag}}:candidate:${provider}`;
export const lockKey = (tag: string, provider: string): string => `gh:{${tag}}:lock:${provider}`;
/** How long the token endpoint is left alone after it failed. */
export const pauseKey = (tag: string, provider: string): string => `gh:{${tag}}:pause:${provider}`;
/** A refresh token was sent, and what came for it is not stored yet. */
export const sentKey = (tag: string, provider: string): string => `gh:{${tag}}:sent:${provider}`;
/** A pending authorization. */
export const attemptKey = (tag: string, id: string): string => `gh:{${tag}}:attempt:${id}`;
/** Says which session an attempt was carried over to. */
export const carriedKey = (tag: string, id: string): string => `gh:{${tag}}:carried:${id}`;
/** The tag under which the token of an application itself is kept (client credentials). */
export const applicationTag = (provider: string): string => `app-${provider}`;
/** A process subscribes to this, so that others see whether it lives. */
export const presenceChannel = (process: string): string => `gh:process:${process}`;
/** A callback that is being worked on, while the process that does so lives. */
export const workKey = (tag: string, id: string): string => `gh:{${tag}}:work:${id}`;
/** A part of the calls that a session may have under way, held by one process. */
export const callsKey = (tag: string, part: number): string => `gh:{${tag}}:calls:${part}`;
/** Written to see that its report comes back. */
export const probeKey = (id: string): string => `gh:{probe}:${id}`;
/** An owner assertion that was used. */
export const assertionKey = (hash: string): string => `gh:assertion:${hash}`;
/** An event of a provider that was passed on, or is being so. */
export const eventKey = (provider: string, hash: string): string => `gh:event:${provider}:${hash}`;
export const limitKey = (name: string, who: string): string => `gh:limit:${name}:${who}`;
