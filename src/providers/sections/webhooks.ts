import { z } from 'zod';
import { compact } from '../../compact.js';
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

export interface WebhookVariables {
  webhookSecret?: string;
  webhookForwardUrl?: string;
}

/** Seconds. An undated event can be played again at any time, a dated one only while its date is near. */
const day = 86_400;

/** The two variables go together, and only with a provider whose file says how it signs. */
export function webhookProblems(
  file: File,
  id: string,
  { webhookSecret: secret, webhookForwardUrl: url }: WebhookVariables,
): SectionProblem[] {
  const problems: SectionProblem[] = [];
  const [secretName, urlName] = [variable(id, 'WEBHOOK_SECRET'), variable(id, 'WEBHOOK_FORWARD_URL')];
  if (secret === undefined && url === undefined) return [];
  if (!file)
    problems.push({
      where: secret === undefined ? urlName : secretName,
      what: `${id} has no webhooks`,
      remedy: 'Leave it out, or describe them in the key webhooks of the provider file.',
    });
  if (secret === undefined)
    problems.push({ where: secretName, what: 'it is not set', remedy: `It goes together with ${urlName}.` });
  if (url === undefined)
    problems.push({ where: urlName, what: 'it is not set', remedy: `It goes together with ${secretName}.` });
  else if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    problems.push({ where: urlName, what: 'it is not a web address', remedy: 'Name where verified events are sent.' });
  return problems;
}

/** Undefined where the provider has no webhooks, or the operator wants none. */
export function resolveWebhooks(
  file: File,
  { webhookSecret: secret, webhookForwardUrl: forwardUrl }: WebhookVariables,
) {
  if (!file || secret === undefined || forwardUrl === undefined) return undefined;
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
    secret,
    forwardUrl,
  });
}
