import type { ConfigurationProblem } from '../config/configuration-error.js';
import type { Webhooks } from './provider.js';
import type { Registration } from './resolve.js';
import type { ProviderFileBody } from './schema.js';
import { variable } from './variable.js';

/** Seconds. An undated event can be played again at any time, a dated one only while its date is near. */
const day = 86_400;

/** The two variables go together, and only with a provider whose file says how it signs. */
export function webhookProblems(
  id: string,
  { webhooks: file }: ProviderFileBody,
  { webhookSecret: secret, webhookForwardUrl: url }: Registration,
): ConfigurationProblem[] {
  const problems: ConfigurationProblem[] = [];
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
export function webhooks(
  { webhooks: file }: ProviderFileBody,
  { webhookSecret: secret, webhookForwardUrl: forwardUrl }: Registration,
): Webhooks | undefined {
  if (!file || secret === undefined || forwardUrl === undefined) return undefined;
  return {
    signatureHeader: file.signature_header.toLowerCase(),
    encoding: file.encoding ?? 'hex',
    signaturePrefix: file.signature_prefix ?? '',
    ...(file.event_id ? { eventId: file.event_id } : {}),
    ...(file.timestamp ? { timestamp: file.timestamp } : {}),
    tolerance: file.tolerance ?? 300,
    remember: file.remember ?? (file.timestamp ? day : 30 * day),
    secret,
    forwardUrl,
  };
}
