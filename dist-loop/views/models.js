/*
 * What each page is made from: plain data, with the member names of the JSON interface. A template reads nothing else.
 */
export const connectionStatuses = [
    'not_connected',
    'connected',
    'expiring',
    'confirmation_required',
    'scope_missing',
    'organization_required',
    'reauth_required',
    'provider_unavailable',
];
export const revocations = ['revoked', 'not_supported', 'failed', 'skipped', 'not_connected'];
