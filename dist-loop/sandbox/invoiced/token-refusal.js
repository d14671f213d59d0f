const wordings = {
    client: {
        message: 'Client authentication failed',
        league8: [401, 'invalid_client'],
        league9: [401, 'invalid_client'],
    },
    code: {
        message: 'The request is missing a required parameter, includes an invalid parameter value, includes a parameter more than once, or is otherwise malformed.',
        league8: [400, 'invalid_request'],
        league9: [400, 'invalid_grant'],
    },
    refresh_token: {
        message: 'The refresh token is invalid.',
        league8: [401, 'invalid_request'],
        league9: [400, 'invalid_grant'],
    },
    grant_type: {
        message: 'The authorization grant type is not supported by the authorization server.',
        league8: [400, 'unsupported_grant_type'],
        league9: [400, 'unsupported_grant_type'],
    },
};
/** Status and body of a refusal: this provider's own shape, or that of a plain League server. */
export function tokenRefusal(refusal, shape) {
    const { message, league8, league9 } = wordings[refusal];
    if (shape !== 'league8' && shape !== 'league9')
        return [400, { type: 'invalid_request', message }];
    const [status, error] = shape === 'league8' ? league8 : league9;
    const hint = 'Check the request';
    return [status, { error, error_description: message, hint, ...(shape === 'league8' ? { message } : {}) }];
}
