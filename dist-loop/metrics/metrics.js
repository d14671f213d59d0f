import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
/** Upper bounds in seconds. */
const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
export function createMetrics({ isStoreReady }) {
    const register = new Registry();
    collectDefaultMetrics({ register });
    const counter = (name, help, labelNames) => new Counter({ name: `gatehouse_${name}_total`, help, labelNames, registers: [register] });
    const text = (fields, name) => String(fields[name] ?? 'none');
    const by = (...names) => (fields) => Object.fromEntries(names.map((name) => [name, text(fields, name)]));
    const callbacks = counter('callbacks', 'Finished sign-ins, by outcome: stored, or the error code', [
        'provider',
        'outcome',
    ]);
    const refreshes = counter('refreshes', 'Renewals of tokens, by result', ['provider', 'result']);
    const refused = counter('problems', 'Answers of our own that were errors, by code', ['code']);
    const calls = counter('proxied_calls', 'Calls to APIs, by who answered and with which class of status', [
        ...['provider', 'source', 'status_class'],
    ]);
    const rules = new Map([
        ['connect.started', { counter: counter('connect_starts', 'Sign-ins begun', ['provider']), labels: by('provider') }],
        [
            'connection.stored',
            { counter: callbacks, labels: (fields) => ({ provider: text(fields, 'provider'), outcome: 'stored' }) },
        ],
        [
            'connect.failed',
            {
                counter: callbacks,
                labels: (fields) => ({ provider: text(fields, 'provider'), outcome: text(fields, 'code') }),
            },
        ],
        ['connection.refreshed', { counter: refreshes, labels: by('provider', 'result') }],
        [
            'connection.refresh_failed',
            {
                counter: refreshes,
                labels: (fields) => ({ provider: text(fields, 'provider'), result: text(fields, 'outcome') }),
            },
        ],
        [
            'connection.removed',
            {
                counter: counter('disconnects', 'Connections removed, by revocation', ['provider', 'revocation']),
                labels: by('provider', 'revocation'),
            },
        ],
        ['request.refused', { counter: refused, labels: by('code') }],
        ['request.failed', { counter: refused, labels: by('code') }],
        [
            'discovery.failed',
            {
                counter: counter('discovery_failures', 'Metadata that could not be read', ['provider', 'code']),
                labels: by('provider', 'code'),
            },
        ],
        [
            'proxy.call',
            {
                counter: calls,
                labels: (fields) => ({ ...by('provider', 'source')(fields), status_class: statusClass(fields['status']) }),
            },
        ],
    ]);
    const duration = new Histogram({
        name: 'gatehouse_proxied_call_seconds',
        help: 'Calls to APIs from first byte to last, with the provider',
        labelNames: ['provider'],
        buckets,
        registers: [register],
    });
    new Gauge({
        name: 'gatehouse_store_ready',
        help: '1 while the store can be used',
        registers: [register],
        collect() {
            this.set(isStoreReady() ? 1 : 0);
        },
    });
    return {
        observe: (event, fields) => {
            const rule = rules.get(event);
            rule?.counter.inc(rule.labels(fields));
            if (event === 'proxy.call' && typeof fields['ms'] === 'number')
                duration.observe({ provider: text(fields, 'provider') }, fields['ms'] / 1000);
        },
        read: async () => ({ text: await register.metrics(), contentType: register.contentType }),
    };
}
function statusClass(status) {
    return typeof status === 'number' ? `${Math.floor(status / 100)}xx` : 'none';
}
