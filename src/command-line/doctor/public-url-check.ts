import { isLoopback } from '../../config/loopback.js';
import { notLookedAt, place } from './configuration-check.js';
import { fine, type Check, type Finding, type Situation } from './finding.js';
import { certificateFindings } from './certificate.js';
import { probe } from './probe.js';

/** What browsers see, and whether cookies and proxies go with it. */
export const publicUrlCheck: Check = {
  title: 'PUBLIC_URL',
  look: async (situation) => {
    const { publicUrl, basePath } = situation.configuration;
    const refused = notLookedAt('PUBLIC_URL', situation);
    if (refused) return [refused, ...proxyFindings(situation)];
    const found = [...cookieFindings(situation), ...proxyFindings(situation)];
    if (basePath !== '')
      found.push({
        level: 'note',
        what: `below ${basePath}: a proxy in front may strip the path or leave it, both work`,
      });
    if (publicUrl.protocol === 'https:' && !isLoopback(publicUrl.hostname))
      found.push(...(await certificateFindings(publicUrl, situation.now())));
    found.push(await answerFinding(situation));
    const worst = found.some(({ level }) => level === 'problem' || level === 'warning');
    return worst ? found : [fine(publicUrl.href), ...found];
  },
};

function cookieFindings(situation: Situation): Finding[] {
  const { publicUrl } = situation.configuration;
  if (publicUrl.protocol === 'https:' || isLoopback(publicUrl.hostname)) return [];
  return [
    {
      level: 'problem',
      where: place('PUBLIC_URL', situation),
      what: 'it is http: the session cookie travels in the clear and can be planted by others',
      remedy: 'Use https; TLS may end in a proxy in front.',
    },
  ];
}

function proxyFindings(situation: Situation): Finding[] {
  const { publicUrl, trustProxy } = situation.configuration;
  if (typeof trustProxy === 'number') return [];
  if (trustProxy.some((entry) => entry.endsWith('/0')))
    return [
      {
        level: 'problem',
        where: place('TRUST_PROXY', situation),
        what: 'it believes everybody: each visitor chooses the address that limits are counted by',
        remedy: 'Name the addresses of the proxies in front alone.',
      },
    ];
  if (publicUrl.protocol === 'https:' && trustProxy.length === 0 && !isLoopback(publicUrl.hostname))
    return [
      {
        level: 'warning',
        where: 'TRUST_PROXY',
        what: 'it is not set, while TLS ends in a proxy in front: all visitors share the limits of one address',
        remedy: "Name the proxy's address, or write how many proxies there are.",
      },
    ];
  return [];
}

async function answerFinding({ configuration }: Situation): Promise<Finding> {
  const { publicUrl, basePath } = configuration;
  const answer = await probe(`${publicUrl.origin}${basePath}/healthz`, configuration.proxies);
  if ('failure' in answer)
    return { level: 'note', what: `nobody answers there yet (${answer.failure})`, remedy: 'Start the server.' };
  if (answer.status === 200 && /"status":\s*"ok"/.test(answer.body)) return fine('the server answers there');
  return {
    level: 'warning',
    where: `${publicUrl.origin}${basePath}/healthz`,
    what: `something else than this server answers there (${answer.status})`,
    remedy: 'Let the proxy in front pass it on, or stop what listens there.',
  };
}
