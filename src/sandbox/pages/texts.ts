export type Locale = 'en' | 'nb';

/** What the sign-in and consent pages say. */
export interface Texts {
  readonly signIn: string;
  readonly username: string;
  readonly password: string;
  readonly wrong: string;
  readonly prefilled: string;
  readonly others: string;
  readonly asks: (provider: string) => string;
  readonly signedInAs: string;
  readonly another: string;
  readonly mayDo: string;
  readonly company: string;
  readonly noCompany: string;
  readonly allow: string;
  readonly deny: string;
}

export const texts: Readonly<Record<Locale, Texts>> = {
  en: {
    signIn: 'Sign in',
    username: 'Email',
    password: 'Password',
    wrong: 'Email or password is wrong.',
    prefilled: 'A test person is filled in already.',
    others: 'Or use another one:',
    asks: (provider) => `Allow Gatehouse to use your ${provider} account?`,
    signedInAs: 'Signed in as',
    another: 'Use another person',
    mayDo: 'If you allow it, Gatehouse can:',
    company: 'Choose a company',
    noCompany: 'You have no company to choose.',
    allow: 'Allow',
    deny: 'Deny',
  },
  nb: {
    signIn: 'Logg inn',
    username: 'E-post',
    password: 'Passord',
    wrong: 'Feil e-post eller passord.',
    prefilled: 'En testperson er allerede fylt inn.',
    others: 'Eller bruk en annen:',
    asks: (provider) => `La Gatehouse bruke kontoen din hos ${provider}?`,
    signedInAs: 'Logget inn som',
    another: 'Bruk en annen person',
    mayDo: 'Hvis du tillater det, kan Gatehouse:',
    company: 'Velg selskap',
    noCompany: 'Du har ingen selskaper å velge.',
    allow: 'Tillat',
    deny: 'Avslå',
  },
};
