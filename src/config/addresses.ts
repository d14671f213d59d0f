import type { Configuration } from './configuration.js';

/** The absolute addresses that others see, all made of PUBLIC_URL; request headers have no say. */
export interface Addresses {
  /** Of a path of ours, such as `/connect/acme`. */
  of(path: string): string;
  home: string;
  redirectUri(provider: string): string;
}

export function createAddresses({ publicUrl, basePath }: Pick<Configuration, 'publicUrl' | 'basePath'>): Addresses {
  const of = (path: string) => `${publicUrl.origin}${basePath}${path}`;
  return { of, home: of('/'), redirectUri: (provider) => of(`/connect/${provider}/callback`) };
}
