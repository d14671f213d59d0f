import { variable } from '../../providers/variable.js';
import { notLookedAt, place } from './configuration-check.js';
import { fine, type Check, type Finding, type Situation } from './finding.js';

/** Bits below which a secret that signs can be guessed. */
const enough = 128;

/** How hard the secrets are to guess, and whether one is used for two things. Lengths are the configuration's affair. */
export const secretsCheck: Check = {
  title: 'Secrets',
  look: (situation) => {
    const { configuration, environment, providers } = situation;
    const { sessionSecrets, owner } = configuration;
    const isSet = environment.secret('SESSION_SECRET') !== undefined;
    const refused = notLookedAt('SESSION_SECRET', situation);
    const found: Finding[] = refused ? [refused] : [];
    const named: [string, string][] = [
      ...(isSet ? sessionSecrets.map((secret): [string, string] => ['SESSION_SECRET', secret]) : []),
      ...(owner?.secret === undefined ? [] : ([['OWNER_SECRET', owner.secret]] as [string, string][])),
    ];
    for (const [name, secret] of named)
      if (guessBits(secret) < enough) found.push(weak(name, situation, 'openssl rand -base64 32'));
    const password = passwordOf(configuration.redis?.url);
    if (password !== undefined && guessBits(password) < 64)
      found.push(weak('REDIS_URL', situation, 'openssl rand -hex 32'));

    const uses = [
      ...named,
      ...(password === undefined ? [] : [['REDIS_URL', password] as [string, string]]),
      ...providers.flatMap(({ id, clientSecret }): [string, string][] =>
        clientSecret === undefined ? [] : [[variable(id, 'CLIENT_SECRET'), clientSecret]],
      ),
    ];
    for (const [index, [name, secret]] of uses.entries()) {
      const twin = uses.slice(0, index).find(([other, value]) => value === secret && other !== name);
      if (twin)
        found.push({
          level: 'warning',
          where: place(name, situation),
          what: `it is the same secret as ${twin[0]}`,
          remedy: 'Give each purpose a secret of its own: who learns one has both.',
        });
    }
    if (found.length > 0) return found;
    return [fine(isSet ? 'hard to guess, each for one purpose' : 'made at random at each start')];
  },
};

function weak(name: string, situation: Situation, command: string): Finding {
  const { production } = situation.configuration;
  return {
    level: production ? 'problem' : 'warning',
    where: place(name, situation),
    what: name === 'REDIS_URL' ? 'its password can be guessed' : 'it can be guessed: few letters, or a repetition',
    remedy: `Make one with: ${command}`,
  };
}

/** What a guesser has to find out at most, by the frequency of the letters (Shannon), and once for a repeated part. */
export function guessBits(secret: string): number {
  const once = /^(.+?)\1+$/s.exec(secret)?.[1] ?? secret;
  const counts = new Map<string, number>();
  for (const letter of once) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  const letters = [...counts.values()];
  const length = letters.reduce((sum, count) => sum + count, 0);
  const bits = letters.reduce((sum, count) => sum - count * Math.log2(count / length), 0);
  return bits;
}

function passwordOf(url: string | undefined): string | undefined {
  const [, credentials] = /^rediss?(?:\+\w+)?:\/\/(.*)@/i.exec(url ?? '') ?? [];
  return credentials?.slice(credentials.indexOf(':') + 1);
}
