import { Router } from 'express';
import { ownOrigin } from './own-origin.js';
import { controlPage } from './pages/control-page.js';
import { sendPage } from './pages/page.js';
import { isProviderId } from './provider-ids.js';
import { SwitchError } from './switches.js';
import { bodyPairs } from './wire-parameters.js';
/** `/control` as a page and as JSON. A form is answered with the page again, everything else with JSON. */
export function controlRoutes({ publicUrl, internalUrl }, control) {
    const router = Router();
    router.use(ownOrigin([publicUrl, internalUrl]));
    router.get('/', (_req, res) => sendPage(res, 200, controlPage(control.state())));
    router.get('/state', (_req, res) => void res.set('Cache-Control', 'no-store').json(control.state()));
    router.get('/calls', (_req, res) => void res.set('Cache-Control', 'no-store').json(control.calls()));
    router.post('/faults', (req, res) => {
        const { provider, ...faults } = fields(req);
        if (!isProviderId(provider)) {
            refuse(res, 'provider is unknown');
            return;
        }
        try {
            control.set(provider, faults);
        }
        catch (error) {
            if (!(error instanceof SwitchError))
                throw error;
            refuse(res, error.message);
            return;
        }
        done(req, res, control.state().providers[provider]?.faults);
    });
    router.post('/reset', (req, res) => {
        control.reset();
        done(req, res, control.state());
    });
    router.post('/clock', (req, res) => {
        const seconds = Number(fields(req)['advance_seconds'] ?? Number.NaN);
        if (!Number.isInteger(seconds) || seconds < 0 || seconds > 315_360_000) {
            refuse(res, 'advance_seconds is a whole number, up to ten years');
            return;
        }
        control.advance(seconds);
        done(req, res, control.state().clock);
    });
    router.post('/revoke', (req, res) => {
        const { provider } = fields(req);
        if (!isProviderId(provider)) {
            refuse(res, 'provider is unknown');
            return;
        }
        done(req, res, { revoked: control.revoke(provider) });
    });
    /** The one answer that holds a secret: that of the client that was just made. */
    router.post('/clients', (req, res) => {
        const wish = fields(req);
        if (wish['client_id'] !== undefined) {
            const client = control.approve(wish['client_id'], wish['approved'] !== 'false');
            if (!client) {
                refuse(res, 'client_id is unknown');
                return;
            }
            done(req, res, { client_id: client.id, approved: client.approved });
            return;
        }
        if (!isProviderId(wish['provider'])) {
            refuse(res, 'provider is unknown');
            return;
        }
        const client = addClient(control, wish['provider'], wish);
        if (!client) {
            refuse(res, 'realm is unknown');
            return;
        }
        res.status(201).json({
            client_id: client.id,
            client_secret: client.secret,
            realm: client.realm,
            redirect_uris: client.redirectUris,
            approved: client.approved,
        });
    });
    return router;
}
function addClient(control, provider, wish) {
    return control.addClient({
        provider,
        redirectUri: wish['redirect_uri'],
        realm: wish['realm'],
        public: wish['public'] === 'true',
        approved: wish['approved'] !== 'false',
    });
}
function fields(req) {
    return Object.fromEntries(bodyPairs(req.body));
}
function done(req, res, answer) {
    if (req.is('application/x-www-form-urlencoded') && req.accepts(['json', 'html']) === 'html')
        res.redirect(303, '/control');
    else
        res.set('Cache-Control', 'no-store').json(answer);
}
function refuse(res, message) {
    res.status(400).json({ error: 'invalid_request', error_description: message });
}
