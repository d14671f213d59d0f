import { providerFile } from '../../src/providers/schema.js';
import { startSandbox, type Sandbox, type SandboxOptions } from '../../src/sandbox/sandbox.js';
import { PersonBrowser, pkcePair, postForm } from './person-browser.js';

export const callback = (provider: string) => `http://localhost:1/connect/${provider}/callback`;

/** A client of one provider in a fresh sandbox, as its override and its credentials describe it. */
export async function clientOf(provider: string, options: Partial<SandboxOptions> = {}) {
  const sandbox = await startSandbox({ port: 0, redirectUri: callback, ...options });
  return { sandbox, ...describe(sandbox, provider) };
}

export function describe(sandbox: Sandbox, provider: string) {
  const file = providerFile.parse(sandbox.providers.find(({ id }) => id === provider));
  const prefix = provider.toUpperCase().replaceAll('-', '_');
  const credentials = {
    client_id: sandbox.environment[`${prefix}_CLIENT_ID`]!,
    client_secret: sandbox.environment[`${prefix}_CLIENT_SECRET`]!,
  };
  const { authorization, token, revocation } = file.endpoints!;
  const pkce = pkcePair();
  const authorizeUrl = (parameters: Record<string, string | undefined>) => {
    const all: Record<string, string | undefined> = {
      response_type: 'code',
      client_id: credentials.client_id,
      redirect_uri: callback(provider),
      ...parameters,
    };
    const given = Object.entries(all).filter((pair): pair is [string, string] => pair[1] !== undefined);
    return `${authorization!}?${new URLSearchParams(given).toString()}`;
  };
  const tokenCall = (fields: Record<string, string>, headers: Record<string, string> = {}) =>
    postForm(token!, { ...credentials, ...fields }, headers);
  const exchange = (code: string, fields: Record<string, string> = {}) =>
    tokenCall({ grant_type: 'authorization_code', code, redirect_uri: callback(provider), ...fields });
  const refresh = (refreshToken: string) => tokenCall({ grant_type: 'refresh_token', refresh_token: refreshToken });
  const revoke = (fields: Record<string, string>) => postForm(revocation!, fields);
  const api = (path: string, accessToken?: string, headers: Record<string, string> = {}, init: RequestInit = {}) =>
    fetch(`${file.api!.base_url!}${path}`, {
      ...init,
      headers: { ...(accessToken ? { authorization: `Bearer ${accessToken}` } : {}), ...headers },
    });
  const browser = new PersonBrowser(sandbox.url);
  return { file, credentials, pkce, authorizeUrl, tokenCall, exchange, refresh, revoke, api, browser };
}

export type Json = Record<string, unknown>;

export interface TokenAnswer {
  access_token: string;
  refresh_token: string;
  id_token: string;
  token_type: string;
  expires_in: number | string;
  expires_at: number;
  scope: string;
  error: string;
}

export async function json<T = Json>(answer: Promise<Response>): Promise<T> {
  return (await (await answer).json()) as T;
}

export function claims(token: string): Json {
  return JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as Json;
}
