import { openApiDocument } from '../openapi/document.js';
/** GET /openapi.json — the contract of every address, for programs. */
export function openApi(services) {
    const document = documentOf(services);
    return (_req, res) => {
        res.json(document);
    };
}
/** GET /docs — the same, for a person. */
export function docs(services) {
    const document = documentOf(services);
    return (req, res) => {
        res.type('html').send(services.pages.render(req, 'docs', { document }));
    };
}
function documentOf({ addresses, cookies }) {
    return openApiDocument({ serverUrl: addresses.of(''), cookie: cookies.sessionName });
}
