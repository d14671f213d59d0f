import { isIP } from 'node:net';

/**
 * Whether a browser sends a SameSite=Lax cookie of one address with a script's call from the other: `no` and `yes` are
 * certain as far as they can be without the public suffix list, `unsure` is for hosts that share a suffix under which anybody
 * can have a name. Ports do not matter, schemes do (RFC 6265bis section 5.2).
 */
export function isSameSite(one: URL, other: URL): 'yes' | 'no' | 'unsure' {
  if (one.protocol !== other.protocol) return 'no';
  if (one.hostname === other.hostname) return 'yes';
  if ([one, other].some(({ hostname }) => isIP(hostname) !== 0 || hostname.startsWith('['))) return 'no';
  const shared = sharedLabels(one.hostname, other.hostname);
  if (shared.length < 2) return 'no';
  if (isHostingSuffix(shared) || isRegistrySuffix(shared)) return 'unsure';
  return 'yes';
}

/** The labels that both host names end in, the last one last. */
function sharedLabels(one: string, other: string): string[] {
  const [left, right] = [one, other].map((name) => name.replace(/\.$/, '').split('.').reverse());
  const differs = left?.findIndex((label, index) => label !== right?.[index]) ?? 0;
  return (left ?? []).slice(0, differs === -1 ? undefined : differs).reverse();
}

/** As in co.uk or com.au: most registries with two letters that sell names below such a word. */
function isRegistrySuffix([word = '', country = '', ...rest]: string[]): boolean {
  const words = /^(ac|co|com|edu|gob|gov|gouv|id|info|ltd|me|mil|ne|net|nom|or|org|plc|priv|school|sch|web)$/;
  return rest.length === 0 && country.length === 2 && words.test(word);
}

/** Where a provider of hosting gives names to its customers. */
function isHostingSuffix(labels: string[]): boolean {
  const name = `.${labels.join('.')}`;
  return hosting.some((suffix) => name.endsWith(`.${suffix}`));
}

const hosting = [
  ...[
    'amazonaws.com',
    'cloudfront.net',
    'awsapprunner.com',
    'azurewebsites.net',
    'azurestaticapps.net',
    'cloudapp.net',
  ],
  ...['run.app', 'appspot.com', 'web.app', 'firebaseapp.com', 'github.io', 'gitlab.io', 'pages.dev', 'workers.dev'],
  ...['vercel.app', 'netlify.app', 'herokuapp.com', 'onrender.com', 'fly.dev', 'railway.app', 'deno.dev'],
  ...['ngrok.io', 'ngrok.app', 'ngrok-free.app', 'ngrok.dev', 'trycloudflare.com', 'loca.lt', 'nip.io', 'sslip.io'],
];
