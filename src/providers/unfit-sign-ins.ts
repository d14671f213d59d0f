import type { ConfigurationProblem } from '../config/configuration-error.js';
import type { Provider } from './provider.js';

/** What is wrong with SIGN_IN_WITH: a button that signs people in leads to a provider whose ID token says who they are. */
export function unfitSignIns(
  ids: readonly string[],
  find: (id: string) => Provider | undefined,
): ConfigurationProblem[] {
  const unfit = ids.filter((id) => {
    const provider = find(id);
    return provider?.grant !== 'authorization_code' || provider.token.idToken !== 'required';
  });
  return unfit.map((id) => ({
    where: 'SIGN_IN_WITH',
    what: `${id} is not on offer, or its ID token is not required`,
    remedy: 'Name providers with protocol: oidc and id_token: required, whose client id is set.',
  }));
}
