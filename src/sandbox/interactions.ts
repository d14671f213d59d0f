import { randomBytes } from 'node:crypto';
import { Router, type Request, type Response } from 'express';
import type { AuthorizationRequest, Dismissal, Front, Redirect } from './front.js';
import { consentPage } from './pages/consent-page.js';
import { errorPage } from './pages/error-page.js';
import { sendPage } from './pages/page.js';
import { signInPage } from './pages/sign-in-page.js';
import { people, type Person } from './state/people.js';
import { bodyParameters, queryParameters } from './wire-parameters.js';
import type { World } from './state/world.js';

/** One authorization request on its way through sign-in and consent. */
interface Interaction {
  readonly id: string;
  readonly request: AuthorizationRequest;
  /** Seconds since the epoch. */
  readonly expiresAt: number;
  /** `prompt=login` asks for the password once more even though somebody is signed in. */
  mustSignIn: boolean;
}

/** The pages of one authorization server: authorize, sign-in, consent. */
export function interactionRoutes(world: World, front: Front): Router {
  const { clock, signIns, switches } = world;
  const interactions = new Map<string, Interaction>();
  const router = Router();

  router.get(front.authorizePath, (req, res) => {
    world.calls.count(front.provider, 'authorize');
    const outcome = front.read(queryParameters(req), req.path);
    world.log('authorize', { provider: front.provider, outcome: outcome.kind });
    if (outcome.kind !== 'request') {
      leave(res, outcome);
      return;
    }
    const { request } = outcome;
    const interaction: Interaction = {
      id: randomBytes(24).toString('base64url'),
      request,
      expiresAt: clock.seconds() + 1800,
      mustSignIn: request.prompt?.includes('login') ?? false,
    };
    forgetOld();
    interactions.set(interaction.id, interaction);
    proceed(req, res, interaction);
  });

  router.get('/interaction', (req, res) => {
    const query = queryParameters(req);
    const interaction = find(query.get('id'));
    if (!interaction) {
      lost(res);
      return;
    }
    const chosen = people.find((one) => one.id === query.get('person'));
    if (chosen || query.get('another') !== undefined) {
      askSignIn(res, interaction, chosen ?? people[1], false);
      return;
    }
    proceed(req, res, interaction);
  });

  router.post('/sign-in', (req, res) => {
    const body = bodyParameters(req);
    const interaction = find(body.get('interaction'));
    if (!interaction) {
      lost(res);
      return;
    }
    const person = signIns.signIn(front.realm, res, body.get('username') ?? '', body.get('password') ?? '');
    if (!person) {
      askSignIn(res, interaction, undefined, true);
      return;
    }
    interaction.mustSignIn = false;
    res.redirect(303, `/${front.realm}/interaction?id=${interaction.id}`);
  });

  router.post('/consent', (req, res) => {
    const body = bodyParameters(req);
    const interaction = find(body.get('interaction'));
    const person = signIns.person(front.realm, req);
    if (!interaction || !person) {
      lost(res);
      return;
    }
    const outcome = front.decide(interaction.request, person);
    if (outcome.kind === 'page') {
      leave(res, outcome);
      return;
    }
    if (body.get('decision') !== 'allow') {
      finish(res, interaction, front.denied(interaction.request));
      return;
    }
    const companies = outcome.kind === 'ask' ? outcome.companies : undefined;
    const company = companies?.find((one) => one.id === body.get('company'))?.id;
    if (companies && company === undefined) {
      proceed(req, res, interaction);
      return;
    }
    allow(res, interaction, person, outcome.scopes, company);
  });

  /** The next thing that this request needs: a sign-in, a consent, or nothing more. */
  function proceed(req: Request, res: Response, interaction: Interaction): void {
    const { request } = interaction;
    const silent = request.prompt?.includes('none') ?? false;
    const person = signIns.person(front.realm, req);
    if (!person || interaction.mustSignIn) {
      if (silent && front.interactionRequired) {
        finish(res, interaction, front.interactionRequired(request, 'login_required'));
        return;
      }
      askSignIn(res, interaction, undefined, false);
      return;
    }
    if (switches.flag(front.provider, 'deny_consent')) {
      finish(res, interaction, front.denied(request));
      return;
    }
    const outcome = front.decide(request, person);
    if (outcome.kind === 'page') {
      leave(res, outcome);
      return;
    }
    if (outcome.kind === 'granted') {
      allow(res, interaction, person, outcome.scopes, undefined);
      return;
    }
    if (silent && front.interactionRequired) {
      finish(res, interaction, front.interactionRequired(request, 'consent_required'));
      return;
    }
    const { permissions, companies } = outcome;
    sendPage(res, 200, consentPage({ ...pageOf(interaction), person, permissions, companies }));
  }

  function allow(
    res: Response,
    interaction: Interaction,
    person: Person,
    scopes: readonly string[],
    company: string | undefined,
  ): void {
    const { request } = interaction;
    const { client, nonce, audience, redirectUri, challenge } = request;
    front.allowed?.(request, person, scopes);
    const authorization = world.authorizations.add({ client, person, company, scopes, audience, nonce });
    const code = front.newCode();
    const expiresAt = clock.seconds() + front.codeLifetime;
    world.authorizations.addCode(code, { authorization, redirectUri, challenge, expiresAt });
    finish(res, interaction, front.answer(request, code, scopes, authorization));
  }

  function finish(res: Response, interaction: Interaction, location: string): void {
    interactions.delete(interaction.id);
    leave(res, { kind: 'redirect', location });
  }

  function leave(res: Response, outcome: Dismissal | Redirect): void {
    if (outcome.kind === 'page') {
      sendPage(res, outcome.status, errorPage(front.name, outcome.title, outcome.text));
      return;
    }
    res.set({ 'Cache-Control': 'no-store', 'Referrer-Policy': 'same-origin' }).redirect(303, outcome.location);
  }

  function lost(res: Response): void {
    sendPage(res, 400, errorPage(front.name, 'This page is too old', 'Start again where you came from.'));
  }

  function askSignIn(res: Response, interaction: Interaction, person = people[0], wrong: boolean): void {
    if (person) sendPage(res, wrong ? 401 : 200, signInPage({ ...pageOf(interaction), person, wrong }));
  }

  function pageOf({ id, request }: Interaction) {
    return { provider: front.name, locale: request.locale ?? 'en', realm: front.realm, interaction: id };
  }

  /** The oldest stand first. */
  function forgetOld(): void {
    for (const { id, expiresAt } of interactions.values()) {
      if (expiresAt > clock.seconds()) return;
      interactions.delete(id);
    }
  }

  function find(id: string | undefined): Interaction | undefined {
    const interaction = interactions.get(id ?? '');
    return interaction && interaction.expiresAt > clock.seconds() ? interaction : undefined;
  }

  return router;
}
