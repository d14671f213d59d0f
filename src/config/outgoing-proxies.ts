import type { ProxySettings } from '../http/dispatcher.js';
import type { Environment } from './environment.js';

/**
 * The proxies that every program of this machine takes, in small letters or capitals. Undefined: none is set, and NO_PROXY
 * alone means nothing.
 */
export function readProxies(environment: Environment): ProxySettings | undefined {
  const { text } = environment;
  const http = readProxy(environment, 'HTTP_PROXY');
  const https = readProxy(environment, 'HTTPS_PROXY');
  if (http === '' && https === '') return undefined;
  return { http, https, no: text('no_proxy') ?? text('NO_PROXY') ?? '' };
}

/** A value without a scheme is a host and a port, as other programs have it. */
function readProxy({ text, refuse }: Environment, name: string): string {
  const value = text(name.toLowerCase()) ?? text(name);
  if (value === undefined) return '';
  const address = value.includes('://') ? value : `http://${value}`;
  if (/^https?:/i.test(address) && URL.canParse(address)) return address;
  refuse(name, 'it is not the address of an HTTP proxy', 'Write it like http://proxy.example.com:3128.');
  return '';
}

/** The proxies by host and port: their addresses may hold a password. */
export function describeProxies({ http, https, no }: ProxySettings): string {
  const of = (name: string, address: string): string[] => (address === '' ? [] : [`${name} ${new URL(address).host}`]);
  return [...of('HTTPS_PROXY', https), ...of('HTTP_PROXY', http), ...(no === '' ? [] : [`NO_PROXY ${no}`])].join(', ');
}
