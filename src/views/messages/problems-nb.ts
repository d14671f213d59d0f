import type { ProblemCode } from '../../errors.js';
import type { ProblemText } from './problem-text.js';

/** Each error code in Norwegian bokmål. */
export const problemsNb: Record<ProblemCode, ProblemText> = {
  invalid_request: {
    title: 'Forespørselen er ikke gyldig',
    action: 'Gå til startsiden og prøv igjen derfra.',
  },
  invalid_return_to: {
    title: 'Returadressen hører ikke til denne applikasjonen',
    action: 'Begynn på startsiden. Kom du hit fra en lenke, si fra til dem som laget den, at return_to er feil.',
  },
  state_unknown: {
    title: 'Denne innloggingen ble ikke startet her, eller er allerede avsluttet',
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
    action: 'Koble til en konto for å starte en. En økt avsluttes også av seg selv etter en stund.',
  },
  owner_required: {
    title: 'Logg inn først',
    action: 'Du logger inn én gang og finner tilkoblingene dine igjen på alle enheter.',
  },
  owner_expired: {
    title: 'Logg inn på nytt',
    action: 'Det er en stund siden du logget inn. Tilkoblingene dine er tatt vare på.',
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
    title: 'Dette kallet er ikke tillatt',
    action: 'Driftsansvarlig bestemmer hvilke kall serveren sender videre. Be om dette hvis du trenger det.',
  },
  interaction_required: {
    title: 'Leverandøren ber om et steg til',
    action: 'Start på nytt, og fullfør der det leverandøren ber om, for eksempel tofaktor. Ingenting er endret.',
  },
  access_denied: {
    title: 'Tilkoblingen ble ikke gjort',
    action:
      'Den ble avslått hos leverandøren eller avbrutt her. Ingenting er endret. Du kan starte på nytt når som helst.',
  },
  unknown_provider: {
    title: 'Denne leverandøren er ikke tilgjengelig',
    action: 'Velg en på startsiden, eller kontroller adressen.',
  },
  unknown_connection: {
    title: 'Denne tilkoblingen finnes ikke',
    action: 'Den er koblet fra, eller den tilhører noen andre. Tilkoblingene dine står på startsiden.',
  },
  not_found: {
    title: 'Det er ingenting på denne adressen',
    action: 'Kontroller adressen, eller gå til startsiden.',
  },
  method_not_allowed: {
    title: 'Denne adressen tar ikke imot den metoden',
    action: 'Bruk knappene på sidene, eller slå opp metoden i API-beskrivelsen.',
  },
  request_timeout: {
    title: 'Forespørselen tok for lang tid',
    action: 'Sjekk nettverket og send den på nytt.',
  },
  connection_ambiguous: {
    title: 'Hvilken tilkobling mener du?',
    action: 'Det finnes flere. Velg den du mener.',
  },
  too_many_connections: {
    title: 'Det er for mange tilkoblinger',
    action: 'Koble fra en som du ikke bruker lenger, og koble til på nytt.',
  },
  organization_required: {
    title: 'Velg en organisasjon først',
    action: 'Åpne tilkoblingen og velg organisasjonen du vil ha data fra.',
  },
  account_mismatch: {
    title: 'Tilkoblingen hører til en annen konto',
    action: 'Koble til den andre kontoen som en ny tilkobling, fra startsiden.',
  },
  variable_required: {
    title: 'Leverandøren må vite mer først',
    action: 'Start på nytt fra startsiden, og svar på det siden spør om.',
  },
  not_refreshable: {
    title: 'Denne tilkoblingen kan ikke fornyes',
    action: 'Leverandøren gir ingen måte å fornye den på. Koble til på nytt når den går ut.',
  },
  confirmation_required: {
    title: 'Bekreft kontoen først',
    action: 'Kontroller kontoen på startsiden og bekreft den.',
  },
  body_too_large: {
    title: 'Forespørselen er for stor',
    action: 'Send mindre om gangen.',
  },
  expectation_failed: {
    title: 'Expect-hodet støttes ikke',
    action: 'Send forespørselen uten Expect-hodet, eller med 100-continue.',
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
    action: 'Prøv igjen. Hjelper det ikke, gi driftsansvarlig forespørsels-id-en.',
  },
  upstream_unreachable: {
    title: 'Leverandøren kan ikke nås',
    action: 'Tilkoblingen din beholdes. Prøv igjen om noen minutter.',
  },
  upstream_invalid_response: {
    title: 'Svaret fra leverandøren er ikke gyldig',
    action: 'Tilkoblingen din beholdes. Prøv igjen. Hjelper det ikke, si fra til driftsansvarlig.',
  },
  token_response_invalid: {
    title: 'Svaret fra leverandøren på innloggingen er ikke gyldig',
    action: 'Ingenting er endret. Prøv igjen. Hjelper det ikke, si fra til driftsansvarlig.',
  },
  provider_misconfigured: {
    title: 'Leverandøren er ikke satt opp riktig',
    action: 'Bare driftsansvarlig kan rette dette. Detaljene står i loggen. Tilkoblinger beholdes.',
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
    action: 'Serveren leser fortsatt innstillingene til leverandøren. Prøv igjen om et minutt.',
  },
  store_unavailable: {
    title: 'Øktene kan ikke leses akkurat nå',
    action: 'Tilkoblingene dine beholdes. Prøv igjen om et minutt.',
  },
  owner_keys_unavailable: {
    title: 'Serveren kan ikke sjekke hvem som er logget inn',
    action: 'Ingenting er endret. Prøv igjen om et øyeblikk.',
  },
  upstream_busy: {
    title: 'Leverandøren er opptatt akkurat nå',
    action: 'For mange kall er i gang. Prøv igjen om et øyeblikk.',
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
