import { problems } from '../errors.js';
import { localeOfRequest } from '../middleware/language.js';
export function createPages({ views, cookies, csrf, registry }) {
    const render = (req, name, model) => views.render(name, model, localeOfRequest(req, cookies));
    const nameOf = ({ id, name, environment }) => ({ id, name, environment: environment ?? null });
    return {
        render,
        start: (req, res, provider, parameters) => render(req, 'start', { csrf_token: csrf.token(req, res), provider: nameOf(provider), parameters }),
        confirm: (req, res, provider, { account }, existing, waits) => {
            const previous = existing?.account.subject === account.subject ? undefined : existing?.account;
            return render(req, 'confirm', {
                csrf_token: csrf.token(req, res),
                provider: nameOf(provider),
                account: account.label ?? account.subject ?? '—',
                previous_account: previous?.label ?? previous?.subject ?? null,
                parameters: { waits },
            });
        },
        error: (req, problem) => {
            const provider = problem.provider === undefined ? undefined : registry.get(problem.provider);
            return render(req, 'error', {
                code: isCode(problem.code) ? problem.code : 'internal_error',
                request_id: problem.request_id,
                provider: provider ? { id: provider.id, name: provider.name } : null,
                connect_url: problem.connect_url ?? null,
                retry_after: problem.retry_after ?? null,
            });
        },
    };
}
export function isCode(code) {
    return typeof code === 'string' && Object.hasOwn(problems, code);
}
