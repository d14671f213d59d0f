export type InvoicedEnvironment = 'sandbox' | 'production';

export function realmOf(environment: InvoicedEnvironment): string {
  return `invoiced/${environment}`;
}
