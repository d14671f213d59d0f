/**
 * The names of everything stored. All records of one browser carry its tag in braces, so that they share a slot of a
 * Redis Cluster and can be changed together. The tag is part of the session cookie, the secret part of it is not here.
 */
/** What the keys of all browsers' records begin with. */
export const recordPrefix = 'gh:{';
export const sessionKey = (slot: string): string => `gh:{${slot}}:session`;
/** A connection. Its cell is the id of its provider or begins with it: see connections/cell.ts. */
export const connectionKey = (slot: string, cell: string): string => `gh:{${slot}}:connection:${cell}`;
/** Which connections there are in this slot. */
export const connectionIndexKey = (slot: string): string => `gh:{${slot}}:connections`;
/** A token set whose account the person has not confirmed yet. */
export const candidateKey = (slot: string, provider: string): string => `gh:{${slot}}:candidate:${provider}`;
export const lockKey = (slot: string, cell: string): string => `gh:{${slot}}:lock:${cell}`;
/** How long the token endpoint is left alone after it failed. */
export const pauseKey = (slot: string, cell: string): string => `gh:{${slot}}:pause:${cell}`;
/** A refresh token was sent, and what came for it is not stored yet. */
export const sentKey = (slot: string, cell: string): string => `gh:{${slot}}:sent:${cell}`;
/** A pending authorization. */
export const attemptKey = (slot: string, id: string): string => `gh:{${slot}}:attempt:${id}`;
/** Says which session an attempt was carried over to. */
export const assignedKey = (slot: string, id: string): string => `gh:{${slot}}:carried:${id}`;
/** The tag under which the token of an application itself is kept (client credentials). */
export const applicationSlot = (provider: string): string => `app-${provider}`;
/** A process subscribes to this, so that others see whether it lives. */
export const presenceChannel = (process: string): string => `gh:process:${process}`;
/** A callback that is being worked on, while the process that does so lives. */
export const workKey = (slot: string, id: string): string => `gh:{${slot}}:work:${id}`;
/** Written to see that its report comes back. */
export const probeKey = (id: string): string => `gh:{probe}:${id}`;
/** The key under which the names of owners become slots. */
export const ownerIndexKey = 'gh:owners';
/** That there is an owner, and of which epoch. */
export const ownerKey = (slot: string): string => `gh:{${slot}}:owner`;
/** Which sessions are an owner's, or were signed in in one session at a provider. */
export const sessionIndexKey = (slot: string): string => `gh:{${slot}}:sessions`;
/** A logout token that was taken. */
export const logoutTokenKey = (hash: string): string => `gh:logout:${hash}`;
/** A nonce for an owner assertion that was used. */
export const nonceKey = (hash: string): string => `gh:nonce:${hash}`;
/** An owner assertion that was used. */
export const assertionKey = (hash: string): string => `gh:assertion:${hash}`;
/** An event of a provider that was passed on, or is being so. */
export const eventKey = (provider: string, hash: string): string => `gh:event:${provider}:${hash}`;
export const limitKey = (name: string, who: string): string => `gh:limit:${name}:${who}`;
