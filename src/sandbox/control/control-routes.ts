import { Router, type Request, type Response } from 'express';
import type { SandboxControl } from './control.js';
import { ownOrigin } from '../own-origin.js';
import { controlPage, type Outcome } from '../pages/control-page.js';
import { sendPage } from '../pages/page.js';
import type { ProviderId } from '../provider-ids.js';
import { SwitchError } from './switches.js';
import { bodyPairs } from '../wire-parameters.js';
import type { World } from '../state/world.js';

/** `/control` as a page and as JSON. A form is answered with the page again, everything else with JSON. */
export function controlRoutes({ publicUrl, internalUrl, providers }: World, control: SandboxControl): Router {
  const router = Router();
  router.use(ownOrigin([publicUrl, internalUrl]));
  const isKnown = (provider: unknown): provider is ProviderId => providers.some((id) => id === provider);

  router.get('/', (req, res) => sendPage(res, 200, controlPage(control.state(), outcomeOf(req, isKnown))));
  router.get('/state', (_req, res) => void res.set('Cache-Control', 'no-store').json(control.state()));
  router.get('/calls', (_req, res) => void res.set('Cache-Control', 'no-store').json(control.calls()));

  router.post('/faults', (req, res) => {
    const { provider, ...faults } = fields(req);
    if (!isKnown(provider)) {
      refuse(req, res, control, 'provider is unknown');
      return;
    }
    try {
      control.set(provider, faults);
    } catch (error) {
      if (!(error instanceof SwitchError)) throw error;
      refuse(req, res, control, error.message);
      return;
    }
    done(req, res, control.state().providers[provider]?.faults, { did: 'set', provider });
  });

  router.post('/reset', (req, res) => {
    control.reset();
    done(req, res, control.state(), { did: 'reset' });
  });

  router.post('/clock', (req, res) => {
    const seconds = Number(fields(req)['advance_seconds'] ?? Number.NaN);
    if (!Number.isInteger(seconds) || seconds < 0 || seconds > 315_360_000) {
      refuse(req, res, control, 'advance_seconds is a whole number, up to ten years');
      return;
    }
    control.advance(seconds);
    done(req, res, control.state().clock, { did: 'advanced' });
  });

  router.post('/revoke', (req, res) => {
    const { provider } = fields(req);
    if (!isKnown(provider)) {
      refuse(req, res, control, 'provider is unknown');
      return;
    }
    const revoked = control.revoke(provider);
    done(req, res, { revoked }, { did: 'ended', provider, count: String(revoked) });
  });

  /** The one answer that holds a secret: that of the client that was just made. */
  router.post('/clients', (req, res) => {
    const wish = fields(req);
    if (wish['client_id'] !== undefined) {
      const client = control.approve(wish['client_id'], wish['approved'] !== 'false');
      if (!client) {
        refuse(req, res, control, 'client_id is unknown');
        return;
      }
      done(req, res, { client_id: client.id, approved: client.approved }, { did: 'approved' });
      return;
    }
    if (!isKnown(wish['provider'])) {
      refuse(req, res, control, 'provider is unknown');
      return;
    }
    const client = addClient(control, wish['provider'], wish);
    if (!client) {
      refuse(req, res, control, 'realm is unknown');
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

function addClient(control: SandboxControl, provider: ProviderId, wish: Readonly<Record<string, string | undefined>>) {
  return control.addClient({
    provider,
    redirectUri: wish['redirect_uri'],
    realm: wish['realm'],
    public: wish['public'] === 'true',
    approved: wish['approved'] !== 'false',
  });
}

function fields(req: Request): Partial<Record<string, string>> {
  return Object.fromEntries(bodyPairs(req.body as unknown));
}

/** A form is answered with the page, which says what was done; a program with what is now. */
function done(req: Request, res: Response, answer: unknown, outcome: Readonly<Record<string, string>>): void {
  const anchor = outcome['provider'] === undefined ? '' : `#${outcome['provider']}`;
  if (isForm(req)) res.redirect(303, `/control?${new URLSearchParams(outcome).toString()}${anchor}`);
  else res.set('Cache-Control', 'no-store').json(answer);
}

function refuse(req: Request, res: Response, control: SandboxControl, message: string): void {
  if (isForm(req))
    sendPage(res, 400, controlPage(control.state(), { text: `Nothing was changed: ${message}.`, bad: true }));
  else res.status(400).json({ error: 'invalid_request', error_description: message });
}

function isForm(req: Request): boolean {
  return Boolean(req.is('application/x-www-form-urlencoded')) && req.accepts(['json', 'html']) === 'html';
}

/** What the redirect after a form tells; anybody may have written it, so that only our own words are shown. */
function outcomeOf(req: Request, isKnown: (provider: unknown) => provider is ProviderId): Outcome | undefined {
  const { did, provider, count } = req.query;
  const known = isKnown(provider) ? provider : undefined;
  const name = known ?? 'the provider';
  const grants = typeof count === 'string' && /^\d{1,4}$/.test(count) ? count : '0';
  const texts = new Map([
    ['set', `The switches of ${name} are set. They hold from the next call on.`],
    ['reset', 'Switches, clock, counts and sign-ins are as at the start.'],
    ['advanced', 'The clock was moved on, here and nowhere else: tokens end as if that time had passed.'],
    ['ended', `Grants of ${name} that were ended: ${grants}.`],
  ]);
  const text = typeof did === 'string' ? texts.get(did) : undefined;
  return text === undefined ? undefined : { text, provider: known };
}
