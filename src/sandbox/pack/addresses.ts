import type { ProviderFile } from '../../providers/schema.js';
import { isTree, type EmulatedFile, type EmulatedVariable } from './emulated-file.js';

/*
 * Every address of the file has its place below `/pack/<id>`: https://HOST/PATH is at /pack/<id>/HOST/PATH. A host that the
 * provider itself tells, such as https://{instance}/PATH, is the sandbox's own, and its place is /pack/<id>/_/PATH.
 */

export interface Base {
  readonly publicUrl: string;
  readonly internalUrl: string;
}

type Variables = Readonly<Record<string, EmulatedVariable | null>> | null | undefined;

/** Keys of a provider file that hold an address; `*` is any key. */
const addressKeys = [
  ['issuer'],
  ['discovery_url'],
  ['endpoints', '*'],
  ['api', 'base_url'],
  ['token', 'exchange', 'endpoint'],
  ['token', 'exchange', 'renew', 'endpoint'],
  ['variables', '*', 'address'],
  ['variables', '*', 'request', 'path'],
];
/** Those that the browser is sent to, or that have to be the same for browser and server. */
const browserKeys = new Set(['issuer', 'endpoints/authorization']);

/** The provider file with every address, also those of each environment, moved to its place in the sandbox. */
export function moveToSandbox(definition: ProviderFile, base: Base): ProviderFile {
  const { id } = definition;
  const variables = variablesOf(definition);
  const move = (body: unknown): unknown =>
    mapAddresses(body, [], (address, key) => {
      const root = browserKeys.has(key) ? base.publicUrl : base.internalUrl;
      return movedAddress(address, id, root, variables);
    });
  const { environments, ...top } = definition;
  const moved = move(top) as ProviderFile;
  const metadata = top.protocol === 'oidc' ? { discovery_url: `${base.internalUrl}/pack/${id}/_/metadata` } : {};
  return {
    ...moved,
    ...metadata,
    extends: id,
    ...(environments && {
      environments: Object.fromEntries(
        Object.entries(environments).map(([name, body]) => [name, body && (move(body) as typeof body)]),
      ),
    }),
  };
}

function variablesOf(definition: ProviderFile): Variables {
  return (definition as unknown as EmulatedFile).variables;
}

function mapAddresses(tree: unknown, path: readonly string[], move: (address: string, key: string) => string): unknown {
  if (typeof tree === 'string') return isAddressKey(path) ? move(tree, path.join('/')) : tree;
  if (!isTree(tree)) return tree;
  return Object.fromEntries(
    Object.entries(tree).map(([key, value]) => [key, mapAddresses(value, [...path, key], move)]),
  );
}

function isAddressKey(path: readonly string[]): boolean {
  return addressKeys.some(
    (key) => key.length === path.length && key.every((part, index) => part === '*' || part === path[index]),
  );
}

function movedAddress(address: string, id: string, root: string, variables: Variables): string {
  const [, host = '', rest = ''] = /^https?:\/\/([^/?#]+)(.*)$/.exec(address) ?? [];
  return isToldOrigin(host, variables) ? `https://${host}/pack/${id}/_${rest}` : `${root}/pack/${id}/${host}${rest}`;
}

function isToldOrigin(host: string, variables: Variables): boolean {
  const name = /^\{(\w+)\}$/.exec(host)?.[1];
  return name !== undefined && variables?.[name]?.origin_within != null;
}

/** Finds out whether a path below /pack/<id> is this address's place, and what stands for its placeholders. */
export type Place = (path: string) => Readonly<Record<string, string>> | undefined;

/** The place of an address of the file; `below`: also everything below it. */
export function placeOf(address: string, variables: Variables, { below = false } = {}): Place {
  const [, host = '', path = ''] = /^https?:\/\/([^/?#]+)([^?#]*)/.exec(address) ?? [];
  const written = isToldOrigin(host, variables) ? `/_${path}` : `/${host}${path}`;
  const pattern = templatePattern(written.replace(/\/$/, ''));
  const whole = new RegExp(`^${pattern}${below ? '(?<below>/.*)?' : '/?'}$`);
  return (requested) => {
    const groups = whole.exec(requested)?.groups;
    if (!groups) return whole.test(requested) ? {} : undefined;
    return Object.fromEntries(Object.entries(groups).map(([name, value]) => [name, decoded(value)]));
  };
}

/** A template's text as a regular expression: each placeholder is a segment or a part of one. */
export function templatePattern(template: string): string {
  const seen = new Set<string>();
  return template
    .split(/(\{\w+\})/)
    .map((part) => {
      const name = /^\{(\w+)\}$/.exec(part)?.[1];
      if (name === undefined) return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
      if (seen.has(name)) return '[^/]+';
      seen.add(name);
      return `(?<${name}>[^/]+)`;
    })
    .join('');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
