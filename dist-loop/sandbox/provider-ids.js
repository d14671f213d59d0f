export const providerIds = [
    'request-finance',
    'request-finance-m2m',
    'invoiced',
    'luca',
    'luca-v2',
    'financefeast',
];
export function isProviderId(value) {
    return providerIds.some((id) => id === value);
}
