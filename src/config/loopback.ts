/** Whether a host name of a URL is this machine's own. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/** Whether an address names a user, or a fragment: neither belongs into an endpoint (RFC 6749 sections 3.1 and 3.2). */
export function hasUserOrFragment({ username, password, href }: URL): boolean {
  return username !== '' || password !== '' || href.includes('#');
}

/** Whether a server may be called at this address: over https, and in development also over http on this machine. */
export function isSecureAddress({ protocol, hostname }: URL, production: boolean): boolean {
  return protocol === 'https:' || (protocol === 'http:' && !production && isLoopback(hostname));
}
