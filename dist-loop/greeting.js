/** The lines that tell a newcomer what runs where; production says it in the log alone. */
export function greeting({ configuration, url, registry, sandbox }) {
    if (configuration.production)
        return '';
    const providers = registry
        .all()
        .map(({ id, environment }) => (environment === undefined ? id : `${id} (${environment})`));
    return [
        '',
        `  Gatehouse   ${url}`,
        ...(sandbox ? [`  Sandbox     ${sandbox.url}/control   emulated providers, made-up people, no real account`] : []),
        `  Sessions    ${configuration.redis ? 'Redis' : 'in this process; they end with it'}`,
        `  Providers   ${providers.length > 0 ? providers.join(', ') : 'none configured'}`,
        '',
        `  Open ${url} and press a Connect button.`,
        '',
        '',
    ].join('\n');
}
