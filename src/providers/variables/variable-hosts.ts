import type { ProviderVariables } from './provider-variables.js';
import { isOwnMachine } from './value.js';

/** Knows by its name whether a host may be one that a connection's value has led to, whoever asks. */
export interface VariableHosts {
  add(variables: ProviderVariables | undefined): void;
  /**
   * Such a host must have public addresses only, and is reached without a proxy. A host that a provider file writes out is
   * the operator's affair; in development this machine is, too.
   */
  includes(hostname: string): boolean;
}

export function createVariableHosts({ production }: { production: boolean }): VariableHosts {
  const exact = new Set<string>();
  const suffixes = new Set<string>();
  const written = new Set<string>();
  return {
    add: (variables) => {
      for (const rule of variables?.hosts ?? [])
        if (rule.kind === 'exact') exact.add(rule.host);
        else suffixes.add(rule.suffix);
      for (const host of variables?.writtenHosts ?? []) written.add(host);
    },
    includes: (hostname) => {
      if (!production && isOwnMachine(hostname)) return false;
      if (exact.has(hostname)) return true;
      return !written.has(hostname) && [...suffixes].some((suffix) => hostname.endsWith(suffix));
    },
  };
}
