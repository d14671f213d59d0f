import { compact } from '../compact.js';
import type { Environment } from './environment.js';

/** CONNECTIONS=owner: connections belong to a person and not to a browser's session. */
export interface Ownership {
  /** Milliseconds that a connection lives after its last use or renewal (CONNECTION_IDLE_DAYS). */
  idleMs: number;
  /** Milliseconds after which a person has to be named again (OWNER_MAX_AGE_SECONDS). */
  maxAgeMs: number;
  /** Where the embedding application names its user. */
  signInUrl?: URL;
  /** The ids of the providers whose Connect buttons sign a person in. */
  signInWith: readonly string[];
}

const dayMs = 86_400_000;

/** Undefined where connections belong to sessions. */
export function readOwnership(
  environment: Environment,
  /** Whether an owner assertion could be verified. */
  hasAssertions: boolean,
  production: boolean,
): Ownership | undefined {
  const { text, integer, list, refuse } = environment;
  const value = text('CONNECTIONS') ?? 'session';
  if (value !== 'session' && value !== 'owner')
    refuse('CONNECTIONS', 'it is neither session nor owner', 'Write session or owner, or leave it out.');
  const idleDays = integer('CONNECTION_IDLE_DAYS', 180, { from: 1, to: 395 });
  const maxAgeSeconds = integer('OWNER_MAX_AGE_SECONDS', 43_200, { from: 60, to: 31_536_000 });
  const address = text('OWNER_SIGN_IN_URL');
  const signInWith = list('SIGN_IN_WITH');
  if (value !== 'owner') {
    for (const [name, isSet] of [
      ['SIGN_IN_WITH', signInWith.length > 0],
      ['OWNER_SIGN_IN_URL', address !== undefined],
    ] as const)
      if (isSet) refuse(name, 'CONNECTIONS is not owner', 'Set CONNECTIONS=owner, or leave this out.');
    return undefined;
  }
  if (address === undefined && signInWith.length === 0)
    refuse('CONNECTIONS', 'nobody could say who the owner is', 'Set OWNER_SIGN_IN_URL, or SIGN_IN_WITH, or both.');
  if (address !== undefined && !hasAssertions)
    refuse(
      'OWNER_SIGN_IN_URL',
      'no assertion could be verified',
      'Set OWNER_JWKS_URL or OWNER_SECRET, and OWNER_AUDIENCE.',
    );
  return {
    idleMs: idleDays * dayMs,
    maxAgeMs: maxAgeSeconds * 1000,
    ...compact({ signInUrl: readSignInUrl(address, refuse, production) }),
    signInWith: [...new Set(signInWith)],
  };
}

function readSignInUrl(
  address: string | undefined,
  refuse: Environment['refuse'],
  production: boolean,
): URL | undefined {
  if (address === undefined) return undefined;
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (!url || !['http:', 'https:'].includes(url.protocol) || url.username !== '' || url.password !== '') {
    refuse('OWNER_SIGN_IN_URL', 'it is not a web address', 'Write it like https://app.example.com/sign-in.');
    return undefined;
  }
  if (production && url.protocol !== 'https:')
    refuse('OWNER_SIGN_IN_URL', 'it is not https', 'In production a person is sent over https only.');
  return url;
}
