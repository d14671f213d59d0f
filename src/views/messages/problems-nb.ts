import type { ProblemCode } from '../../errors.js';
import type { ProblemText } from './problem-text.js';

/** Each error code in Norwegian bokmål. */
export const problemsNb: Record<ProblemCode, ProblemText> = {
  invalid_request: {
    title: 'Forespørselen kan ikke brukes',
    action: 'Gå til startsiden og prøv igjen derfra.',
  },
  invalid_return_to: {
    title: 'Veien tilbake hører ikke til denne applikasjonen',
    action: 'Begynn på startsiden. Kom du hit fra en lenke, si fra til den som laget den at return_to er feil.',
  },
  state_unknown: {
    title: 'Denne innloggingen ble ikke startet her, eller er allerede fullført',
    action: 'Start tilkoblingen på nytt i denne nettleseren, og bruk én fane.',
  },
  state_expired: {
    title: 'Denne innloggingen tok for lang tid',
    action: 'Start på nytt og fullfør innloggingen innen ti minutter.',
  },
  nonce_mismatch: {
    title: 'Identiteten hører til en annen innlogging',
    action: 'Start tilkoblingen på nytt. Skjer det to ganger, si fra til driftsansvarlig.',
  },
  issuer_mismatch: {
    title: 'Svaret kom fra en annen autorisasjonsserver',
    action: 'Ingenting ble koblet til. Start på nytt, og si fra til driftsansvarlig hvis det skjer to ganger.',
  },
  id_token_invalid: {
    title: 'Identiteten kunne ikke bekreftes',
    action: 'Ingenting ble koblet til. Start på nytt, og si fra til driftsansvarlig hvis det skjer to ganger.',
  },
  code_exchange_rejected: {
    title: 'Innloggingen er gått ut på tid eller allerede brukt',
    action: 'Start tilkoblingen på nytt.',
  },
  login_required: {
    title: 'Det er ingen økt i denne nettleseren',
    action: 'Koble til en konto for å begynne en. Økter avsluttes også av seg selv etter en stund.',
  },
  not_connected: {
    title: 'Denne leverandøren er ikke tilkoblet',
    action: 'Koble den til, og prøv igjen.',
  },
  reauth_required: {
    title: 'Leverandøren godtar ikke lenger tilkoblingen',
    action: 'Koble til på nytt. Leverandøren husker som regel det du har valgt før.',
  },
  signature_invalid: {
    title: 'Hendelsen er ikke signert av leverandøren',
    action:
      'Bare leverandøren sender hendelser hit. Gjør den det, må driftsansvarlig sammenligne hemmeligheten på begge sider.',
  },
  csrf_required: {
    title: 'Forespørselen viser ikke at den kommer fra denne applikasjonen',
    action: 'Gå til startsiden, last den på nytt og trykk på knappen der.',
  },
  origin_not_allowed: {
    title: 'Forespørselen kommer fra et annet nettsted',
    action: 'Bruk startsiden til denne applikasjonen. Driftsansvarlig kan tillate flere i ALLOWED_ORIGINS.',
  },
  not_a_navigation: {
    title: 'En tilkobling begynner med et klikk, ikke i bakgrunnen',
    action: 'Gå til startsiden og trykk på Koble til.',
  },
  scope_missing: {
    title: 'En tillatelse mangler',
    action: 'Reparer tilkoblingen på startsiden, og gi tillatelsen hos leverandøren.',
  },
  route_not_allowed: {
    title: 'Dette kallet står ikke på listen',
    action: 'Driftsansvarlig bestemmer hvilke kall som sendes videre; be om dette hvis du trenger det.',
  },
  interaction_required: {
    title: 'Leverandøren ber om et steg til',
    action: 'Start på nytt, og fullfør der det den ber om, for eksempel tofaktor. Ingenting er endret.',
  },
  access_denied: {
    title: 'Tilkoblingen ble ikke gjort',
    action:
      'Det ble sagt nei hos leverandøren eller avbrutt her. Ingenting er endret; du kan starte på nytt når som helst.',
  },
  unknown_provider: {
    title: 'Denne leverandøren tilbys ikke',
    action: 'Velg en på startsiden, eller kontroller skrivemåten i adressen.',
  },
  not_found: {
    title: 'Det er ingenting på denne adressen',
    action: 'Kontroller adressen, eller gå til startsiden.',
  },
  method_not_allowed: {
    title: 'Denne adressen tar ikke imot den metoden',
    action: 'Bruk knappene på sidene, eller slå opp metoden i beskrivelsen av grensesnittet.',
  },
  request_timeout: {
    title: 'Forespørselen tok for lang tid',
    action: 'Sjekk nettverket og send den på nytt.',
  },
  organization_required: {
    title: 'En organisasjon må velges først',
    action: 'Åpne tilkoblingen og velg organisasjonen du vil ha data fra.',
  },
  not_refreshable: {
    title: 'Denne tilkoblingen kan ikke fornyes',
    action: 'Leverandøren gir ingen måte å fornye den på. Koble til på nytt når den går ut.',
  },
  confirmation_required: {
    title: 'Kontoen må bekreftes først',
    action: 'Kontroller kontoen på startsiden og bekreft den.',
  },
  body_too_large: {
    title: 'Forespørselen er for stor',
    action: 'Send mindre om gangen.',
  },
  expectation_failed: {
    title: 'Forespørselen forventer noe ukjent',
    action: 'Send den uten Expect-hodet, eller med 100-continue.',
  },
  rate_limited: {
    title: 'For mange forespørsler',
    action: 'Vent litt, og prøv igjen.',
  },
  header_too_large: {
    title: 'Hodet i forespørselen er for stort',
    action: 'Slett informasjonskapslene for dette nettstedet i nettleseren, og åpne startsiden.',
  },
  internal_error: {
    title: 'Noe gikk galt her',
    action: 'Prøv igjen. Blir det ikke bedre, gi driftsansvarlig forespørsels-id-en.',
  },
  upstream_unreachable: {
    title: 'Leverandøren kan ikke nås',
    action: 'Tilkoblingen din beholdes. Prøv igjen om noen minutter.',
  },
  upstream_invalid_response: {
    title: 'Svaret fra leverandøren kan ikke leses',
    action: 'Tilkoblingen din beholdes. Prøv igjen, og si fra til driftsansvarlig hvis det fortsetter.',
  },
  token_response_invalid: {
    title: 'Leverandøren ga et ubrukelig svar under tilkoblingen',
    action: 'Ingenting er endret. Prøv igjen, og si fra til driftsansvarlig hvis det fortsetter.',
  },
  provider_misconfigured: {
    title: 'Leverandøren er ikke satt opp riktig',
    action:
      'Bare driftsansvarlig kan rette dette og har fått beskjed i loggen: klienten eller adressene til leverandøren er feil. Tilkoblinger beholdes.',
  },
  refresh_unavailable: {
    title: 'Tilkoblingen kan ikke fornyes akkurat nå',
    action: 'Den beholdes. Prøv igjen om et minutt.',
  },
  token_endpoint_unavailable: {
    title: 'Innlogging hos leverandøren virker ikke akkurat nå',
    action: 'Ingenting er endret. Prøv igjen om noen minutter.',
  },
  discovery_pending: {
    title: 'Leverandøren er ikke klar ennå',
    action: 'Serveren leser fortsatt oppsettet til leverandøren. Prøv igjen om et minutt.',
  },
  store_unavailable: {
    title: 'Øktene kan ikke leses akkurat nå',
    action: 'Tilkoblingene dine beholdes. Prøv igjen om et minutt.',
  },
  owner_keys_unavailable: {
    title: 'Det lar seg ikke sjekke hvem som er logget inn',
    action: 'Ingenting er endret. Prøv igjen om et øyeblikk.',
  },
  shutting_down: {
    title: 'Serveren starter på nytt',
    action: 'Prøv igjen om et øyeblikk.',
  },
  upstream_timeout: {
    title: 'Leverandøren brukte for lang tid',
    action: 'Prøv igjen, eller be om mindre om gangen.',
  },
};
