import { mergeTrees } from '../../providers/merge.js';
import type { ProviderFile } from '../../providers/schema.js';

/*
 * What the engine plays of a provider file. It reads the file by itself and not through `resolveProvider`: an emulator that
 * shared the client's reading would share its mistakes.
 */

type Text = string | null;
type Texts = Readonly<Record<string, Text>>;

interface Call {
  readonly method?: Text;
  readonly path: string;
  readonly body?: string;
}

export interface EmulatedVariable {
  readonly from?: Text;
  readonly parameter?: Text;
  readonly callback?: { readonly parameter: string; readonly is?: Text } | null;
  readonly values?: Texts | null;
  readonly pointer?: Text;
  readonly origin_within?: readonly string[] | null;
  readonly address?: Text;
  readonly request?: { readonly path: string } | null;
}

export interface EmulatedExample {
  readonly method?: Text;
  readonly path: string;
  readonly body?: string;
  readonly rows?: string;
  readonly columns?: readonly { readonly path: string; readonly format?: string | undefined }[];
  readonly look_up?: Readonly<Record<string, { readonly path: string; readonly value: string }>>;
}

/** A provider file in one environment, as far as it says how the provider behaves. */
export interface EmulatedFile {
  readonly id: string;
  readonly name?: Text;
  readonly protocol?: Text;
  readonly grant?: Text;
  readonly issuer?: Text;
  readonly discovery_url?: Text;
  readonly endpoints?: Texts | null;
  readonly client_authentication?: Text;
  readonly scopes?: readonly string[] | null;
  readonly scope_separator?: Text;
  readonly variables?: Readonly<Record<string, EmulatedVariable | null>> | null;
  readonly authorization?: {
    readonly parameters?: Texts | null;
    readonly reconsent?: Texts | null;
    readonly another?: Texts | null;
    readonly state?: Text;
    readonly names?: Texts | null;
    readonly response_type?: Text;
    readonly response?: Texts | null;
    readonly errors?: { readonly denied?: readonly string[] | null } | null;
  } | null;
  readonly callback?: { readonly hmac?: unknown } | null;
  readonly token?: {
    readonly parameters?: Texts | null;
    readonly request?: {
      readonly format?: Text;
      readonly headers?: Readonly<Record<string, unknown>> | null;
      readonly names?: Texts | null;
      readonly code?: Texts | null;
      readonly refresh?: Texts | null;
    } | null;
    readonly answer?: Readonly<Record<string, unknown>> | null;
    readonly bearer_types?: readonly string[] | null;
    readonly default_lifetime?: number | 'never' | null;
    readonly refresh_idle_days?: number | null;
    readonly errors?: {
      readonly dead_grant?: readonly string[] | null;
      readonly refused_at_200?: readonly string[] | null;
    } | null;
  } | null;
  readonly revocation?: {
    readonly token?: Text;
    readonly ends?: Text;
    readonly client_authentication?: boolean | string | { readonly scheme: string } | null;
    readonly request?: {
      readonly method?: Text;
      readonly format?: Text;
      readonly path?: Text;
      readonly headers?: Readonly<Record<string, unknown>> | null;
      readonly parameters?: Texts | null;
    } | null;
  } | null;
  readonly api?: {
    readonly base_url?: Text;
    readonly headers?: Readonly<Record<string, unknown>> | null;
    readonly token?: {
      readonly header?: Text;
      readonly scheme?: Text;
      readonly query?: Text;
      readonly basic?: unknown;
    } | null;
    readonly auth_failure_status?: readonly number[] | null;
    readonly auth_failure_body?: { readonly pointer: string; readonly values: readonly string[] } | null;
    readonly auth_probe?: Call | null;
    readonly examples?: readonly EmulatedExample[] | null;
    readonly limits?: { readonly per_minute?: number | null } | null;
  } | null;
  readonly account?: {
    readonly source?: Text;
    readonly subject?: Text;
    readonly label?: readonly string[] | null;
    readonly request?: Call | null;
    readonly pointer?: Text;
  } | null;
  readonly organizations?: {
    readonly request: Call;
    readonly pointer?: string;
    readonly id: string;
    readonly name: readonly string[];
    readonly header?: Text;
    readonly parameter?: Text;
    readonly refusal_status?: readonly number[];
  } | null;
}

/** The file of one environment, with the values of the environment over those at the top. */
export function emulatedFile(definition: ProviderFile, environment: string | undefined): EmulatedFile {
  const { environments, ...top } = definition;
  const names = Object.keys(environments ?? {});
  const chosen = environment ?? definition.default_environment ?? (names.length === 1 ? names[0] : undefined);
  const over = chosen === undefined ? undefined : environments?.[chosen];
  return mergeTrees(top, over ?? {}) as unknown as EmulatedFile;
}

export function isTree(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
