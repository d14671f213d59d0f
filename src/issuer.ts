/*
 * One authorization server may speak for many issuers: one segment of the path is then the tenant, written `{tid}` or
 * `{tenantid}` in its metadata or in the provider file, and the ID token names it in its claim `tid`.
 */

const placeholder = /\/\{(?:tid|tenantid)\}(?=\/|$)/;
const tenantId = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

export function isIssuerTemplate(issuer: string): boolean {
  return placeholder.test(issuer) && !/[{}]/.test(issuer.replace(placeholder, '/'));
}

/** Whether a text with braces is no template that this server can fill. */
export function isBrokenTemplate(issuer: string): boolean {
  return /[{}]/.test(issuer) && !isIssuerTemplate(issuer);
}

/** The issuer that a token must name: of a template, the one of the tenant in its claims. */
export function expectedIssuer(
  issuer: string | undefined,
  claims: Readonly<Record<string, unknown>>,
): string | undefined {
  if (issuer === undefined || !isIssuerTemplate(issuer)) return issuer;
  const { tid } = claims;
  return typeof tid === 'string' && /^[\w.-]{1,64}$/.test(tid) ? issuer.replace(placeholder, `/${tid}`) : undefined;
}

/** Whether an issuer is the expected one, or one that the expected template stands for. */
export function isIssuer(issuer: string, expected: string): boolean {
  if (!isIssuerTemplate(expected)) return issuer === expected;
  const [before = '', after = ''] = expected.split(placeholder);
  if (!issuer.startsWith(`${before}/`) || !issuer.endsWith(after)) return false;
  const tenant = issuer.slice(before.length + 1, issuer.length - after.length);
  return /^[\w.-]{1,64}$/.test(tenant);
}

/**
 * The issuer to expect, of the one in the provider file and the published one; undefined where they differ (RFC 8414
 * section 3.3). A file that names one tenant is not widened by a template.
 */
export function agreedIssuer(configured: string | undefined, published: string | undefined): string | undefined {
  if (configured === undefined || published === undefined) return published;
  const [written, found] = [configured, published].map((each) => withoutSlash(each).replace(placeholder, '/{tid}'));
  if (written === undefined || found === undefined || isBrokenTemplate(published)) return undefined;
  if (written === found || isIssuer(found, written)) return published;
  if (!isIssuerTemplate(found) || !isIssuer(written, found)) return undefined;
  return written.split('/').some((segment) => tenantId.test(segment)) ? configured : published;
}

function withoutSlash(address: string): string {
  return address.endsWith('/') ? address.slice(0, -1) : address;
}
