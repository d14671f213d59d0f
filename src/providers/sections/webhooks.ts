import { z } from 'zod';
import { compact } from '../../compact.js';
import type { Environment } from '../../config/environment.js';
import { nullable, seconds } from '../field-types.js';
import { headerName } from '../header-types.js';
import type { SectionProblem } from './problem.js';
import { variable } from '../variable.js';

export const webhooks = z.strictObject({
  /** Request header that carries the signature of the raw body. */
  signature_header: headerName,
  algorithm: nullable(z.enum(['hmac-sha256'])),
  encoding: nullable(z.enum(['hex', 'base64'])),
  /** What stands before the signature in the header, such as `sha256=`. */
  signature_prefix: nullable(z.string()),
  /** JSON pointer to what names an event; the body itself names it where absent. An event is passed on once. */
  event_id: nullable(z.string().regex(/^\//, 'must be a JSON pointer')),
  /** JSON pointer to when the event was sent (seconds or milliseconds since the epoch, or RFC 3339). */
  timestamp: nullable(z.string().regex(/^\//, 'must be a JSON pointer')),
  /** Seconds that `timestamp` may differ from now. */
  tolerance: nullable(seconds),
  /** Seconds for which an event is known that was passed on. */
  remember: nullable(seconds),
});

type File = z.infer<typeof webhooks> | null | undefined;

/** How the provider signs its events, and where the operator wants them. */
export type Webhooks = NonNullable<ReturnType<typeof resolveWebhooks>>;

/** What the operator sets for the events of one provider. */
export interface WebhookSettings {
  secrets: readonly string[];
  forwardUrl?: string;
  forwardSecrets: readonly string[];
  forwardTimeoutMs: number;
}

/** Seconds. An undated event can be played again at any time, a dated one only while its date is near. */
const day = 86_400;
const defaultTimeoutSeconds = 30;

export function readWebhookSettings(id: string, { text, secret, integer }: Environment): WebhookSettings {
  const timeout = variable(id, 'WEBHOOK_FORWARD_TIMEOUT');
  return compact({
    secrets: listOf(secret(variable(id, 'WEBHOOK_SECRET'))),
    forwardUrl: text(variable(id, 'WEBHOOK_FORWARD_URL')),
    forwardSecrets: listOf(secret(variable(id, 'WEBHOOK_FORWARD_SECRET'))),
    forwardTimeoutMs: integer(timeout, defaultTimeoutSeconds, { from: 1, to: 300 }) * 1000,
  });
}

function listOf(value: string | undefined): string[] {
  return value === undefined ? [] : value.split(',').map((each) => each.trim());
}

/** Secret and address go together, and only with a provider whose file says how it signs. */
export function webhookProblems(file: File, id: string, settings: WebhookSettings | undefined): SectionProblem[] {
  const problems: SectionProblem[] = [];
  const [secretName, urlName] = [variable(id, 'WEBHOOK_SECRET'), variable(id, 'WEBHOOK_FORWARD_URL')];
  const signName = variable(id, 'WEBHOOK_FORWARD_SECRET');
  const refuse = (where: string, what: string, remedy: string) => problems.push({ where, what, remedy });
  const { secrets = [], forwardUrl: url, forwardSecrets = [] } = settings ?? {};
  const [first] = [...(secrets.length > 0 ? [secretName] : []), ...(url === undefined ? [] : [urlName])];
  const used = first ?? (forwardSecrets.length > 0 ? signName : undefined);
  if (used === undefined) return [];
  if (!file)
    refuse(used, `${id} has no webhooks`, 'Leave it out, or describe them in the key webhooks of the provider file.');
  if (secrets.length === 0) refuse(secretName, 'it is not set', `It goes together with ${urlName}.`);
  if (secrets.includes('') || secrets.length > 2)
    refuse(secretName, 'these are not one or two secrets', 'Write the new one and the old one, separated by a comma.');
  if (url === undefined) refuse(urlName, 'it is not set', `It goes together with ${secretName}.`);
  else if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    refuse(urlName, 'it is not a web address', 'Name where verified events are sent.');
  if (!forwardSecrets.every(isSigningSecret) || forwardSecrets.length > 2)
    refuse(
      signName,
      'it is not whsec_ and base64 of 24 to 64 bytes',
      'Make one with: echo "whsec_$(openssl rand -base64 32)". While you change it, write the new one, a comma, and the old one.',
    );
  return problems;
}

/** Standard Webhooks 1.0: the secret of a symmetric signature. */
function isSigningSecret(secret: string): boolean {
  const [, encoded] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret) ?? [];
  const { length } = Buffer.from(encoded ?? '', 'base64');
  return encoded?.length === Math.ceil(length / 3) * 4 && length >= 24 && length <= 64;
}

/** Undefined where the provider has no webhooks, or the operator wants none. */
export function resolveWebhooks(file: File, settings: WebhookSettings | undefined) {
  if (!file || !settings?.forwardUrl || settings.secrets.length === 0) return undefined;
  const { secrets, forwardUrl, forwardSecrets, forwardTimeoutMs } = settings;
  return compact({
    /** In lower case. */
    signatureHeader: file.signature_header.toLowerCase(),
    encoding: file.encoding ?? 'hex',
    signaturePrefix: file.signature_prefix ?? '',
    /** JSON pointers into the event. */
    eventId: file.event_id ?? undefined,
    timestamp: file.timestamp ?? undefined,
    /** Seconds. */
    tolerance: file.tolerance ?? 300,
    /** Seconds for which an event is known that was passed on. */
    remember: file.remember ?? (file.timestamp ? day : 30 * day),
    /** Any one of them signs: two while the provider changes from one to the other. */
    secrets,
    forwardUrl,
    /** Milliseconds that one attempt to pass an event on may take. */
    forwardTimeoutMs,
    /** Of ours; all of them sign what is passed on. */
    forwardSecrets,
  });
}
