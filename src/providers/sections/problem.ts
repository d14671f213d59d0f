/** What keeps a provider from being offered. It stands in the provider file, unless `where` names a variable. */
export interface SectionProblem {
  what: string;
  remedy: string;
  where?: string;
}

export function isPattern(text: string): boolean {
  try {
    return new RegExp(text, 'u').source !== '';
  } catch {
    return false;
  }
}
