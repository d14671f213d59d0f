/** Milliseconds that requests wait for the token endpoint. */
export const responseTimeoutMs = 10_000;
/** Milliseconds for which a response is taken that comes after that: it may be the only copy of new tokens. */
export const lateResponseTimeoutMs = 60_000;
