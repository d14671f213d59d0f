/** The texts of the OpenAPI document in Norwegian bokmål; `{codes}` stands for a list of error codes. */
export const contractNb: Readonly<Record<string, string>> = {
  'Connects a person to providers, keeps the tokens, and passes API calls on with the token attached. The browser holds one cookie and never sees a token. Every failure is a problem (RFC 9457) with a code.':
    'Kobler en person til leverandører, tar vare på tokenene og sender API-kall videre med tokenet på. Nettleseren har én informasjonskapsel og ser aldri et token. Hver feil er et problem (RFC 9457) med en kode.',
  'The session and its connections': 'Økten og tilkoblingene i den',
  'The first request of a single-page application. Without a session the response has the same shape.':
    'Den første forespørselen fra en énsidesapplikasjon. Uten økt har svaret samme form.',
  'The session': 'Økten',
  'Any other problem, such as {codes}.': 'Et hvilket som helst annet problem, for eksempel {codes}.',
  "Bind the session to the embedding application's user": 'Knytt økten til brukeren av applikasjonen rundt',
  'Another user than before first ends the old session, with all its connections. The assertion is a JWT with sub, aud and exp, signed by the application, and is accepted once.':
    'En annen bruker enn før avslutter først den gamle økten, med alt som er tilkoblet i den. Erklæringen er et JWT med sub, aud og exp, signert av applikasjonen, og godtas én gang.',
  'End the session and every connection in it': 'Avslutt økten og hver tilkobling i den',
  'Asks which connections made in this browser before are of the person who signed in':
    'Spør hvilke tilkoblinger som ble laget i denne nettleseren tidligere, og som tilhører personen som logget inn',
  'To return_to, where there is nothing to ask': 'Til return_to, når det ikke er noe å spørre om',
  'Keep some of them, and end the rest': 'Behold noen av dem, og avslutt resten',
  'A person logged out at the provider where they signed in': 'En person logget ut hos leverandøren de logget inn med',
  'OpenID Connect Back-Channel Logout 1.0. The sessions end that were signed in by the sid or the sub of the token; their connections stay. The signature of the provider is the only credential, and each token is accepted once. Only where connections belong to people.':
    'OpenID Connect Back-Channel Logout 1.0. Øktene som ble logget inn med tokenets sid eller sub avsluttes; tilkoblingene blir. Leverandørens signatur er det eneste beviset, og hvert token godtas én gang. Bare der tilkoblinger tilhører personer.',
  'The sessions have ended, if there were any': 'Øktene er avsluttet, om det fantes noen',
  'The request is refused (section 2.8)': 'Forespørselen avvises (avsnitt 2.8)',
  'Deletes the session first, then revokes at the providers. Also succeeds without a session.':
    'Sletter økten først, og trekker så tilbake hos leverandørene. Lykkes også uten økt.',
  'Where Accept names application/json, or a page that offers to log out at the provider, too':
    'Når Accept nevner application/json, eller en side som tilbyr utlogging hos leverandøren også',
  'Asks once, after connecting, for which organization calls are made':
    'Spør én gang, etter tilkoblingen, hvilken organisasjon kallene gjøres for',
  'The page that asks': 'Siden som spør',
  'To return_to, where nothing is left to ask': 'Til return_to, når det ikke er noe igjen å spørre om',
  'Choose an organization after connecting, or leave it open':
    'Velg en organisasjon etter tilkoblingen, eller la det stå åpent',
  'To return_to': 'Til return_to',
  'A nonce of this browser for the next owner assertion':
    'En engangsverdi for denne nettleserens neste påstand om eier',
  'Where connections belong to people, an assertion must carry one. It is used once.':
    'Når tilkoblinger tilhører personer, må en påstand ha en slik. Den brukes én gang.',
  'The nonce': 'Engangsverdien',
  "Bind the session to the embedding application's user, from a form of the application":
    'Bind økten til brukeren av applikasjonen, fra et skjema i applikasjonen',
  'Taken from our own origin and from ALLOWED_ORIGINS alone.':
    'Tas bare imot fra vår egen opprinnelse og fra ALLOWED_ORIGINS.',
  'To return_to, or to the home page': 'Til return_to, eller til startsiden',
  'To the home page': 'Til startsiden',
  'Every connection, and every available provider that has none':
    'Hver tilkobling, og hver tilgjengelige leverandør som ikke har noen',
  'All of them': 'Alle',
  'One of them': 'Én av dem',
  'The connection': 'Tilkoblingen',
  'Give a connection a name of your own': 'Gi en tilkobling et eget navn',
  'Give a connection a name of your own, from a form': 'Gi en tilkobling et eget navn, fra et skjema',
  Disconnect: 'Koble fra',
  'Deletes the connection first, then revokes at the provider. Named by its provider, it also succeeds if nothing is connected.':
    'Sletter tilkoblingen først, og trekker så tilbake hos leverandøren. Nevnt ved leverandøren lykkes det også hvis ingenting er tilkoblet.',
  'It is forgotten': 'Den er glemt',
  'Refresh the access now': 'Forny tilgangen nå',
  'The refreshed connection': 'Den fornyede tilkoblingen',
  'The organizations that the provider lists, and the chosen one':
    'Organisasjonene som leverandøren oppgir, og den som er valgt',
  'The list': 'Listen',
  'Choose an organization': 'Velg en organisasjon',
  "A call to the provider's API, with the session's token attached":
    'Et kall til leverandørens API, med tokenet som hører til økten',
  "The provider's response: its status, its headers except those that Gatehouse sets, its body as a stream":
    'Leverandørens svar: statusen, hodefeltene unntatt dem Gatehouse setter, og innholdet som en strøm',
  'How an attempt in a pop-up ended': 'Hvordan et forsøk i et eget vindu endte',
  "For a front end whose pop-up was cut off by the provider's opener policy. Only the browser that finished the attempt can read it: once, for two minutes.":
    'For et grensesnitt som leverandørens opener-regler har skilt fra vinduet sitt. Bare nettleseren som fullførte forsøket, kan lese det: én gang, i to minutter.',
  'The outcome, or null while there is none': 'Utfallet, eller null så lenge det ikke er noe',
  'Connect, from a link': 'Koble til, fra en lenke',
  "Starts with a person's click: Gatehouse refuses prefetches, images and background requests. Gatehouse passes on the parameters that the provider file lets a caller set, and ignores others.":
    'Begynner med at en person klikker: Gatehouse avviser forhåndshenting, bilder og kall i bakgrunnen. Gatehouse sender videre parameterne som leverandørfilen lar en kaller sette, og overser andre.',
  'If another site led here, or several connections could be meant: a page that asks first':
    'Hvis et annet nettsted førte hit, eller flere tilkoblinger kan være ment: en side som spør først',
  'If several connections could be meant: a page that asks which one. To a script that accepts JSON: the address to send the browser to':
    'Hvis flere tilkoblinger kan være ment: en side som spør hvilken. Til et skript som godtar JSON: adressen nettleseren skal sendes til',
  'To the authorization server': 'Til autorisasjonsserveren',
  'Connect, from a form or a script': 'Koble til, fra et skjema eller et skript',
  'The return from the authorization server': 'Returen fra autorisasjonsserveren',
  'The redirect_uri registered at the provider. Gatehouse uses a response to an attempt of this browser once, whatever the outcome, and refuses any other.':
    'redirect_uri som er registrert hos leverandøren. Gatehouse bruker et svar på et forsøk fra denne nettleseren én gang, uansett utfall, og avviser alle andre.',
  'Back to return_to, with connected=<provider> and connection=<id>, or with request_id and connect_error, one of: {codes}. To the confirmation page, if the person must confirm the account first':
    'Tilbake til return_to, med connected=<provider> og connection=<id>, eller med request_id og connect_error, én av: {codes}. Til bekreftelsessiden, hvis personen må bekrefte kontoen først',
  'The account that is about to be stored': 'Kontoen som er i ferd med å bli lagret',
  'The page that names it; its members as JSON where Accept names application/json':
    'Siden som nevner den; som JSON når Accept nevner application/json',
  'Confirm the account, or cancel': 'Bekreft kontoen, eller avbryt',
  'Back to return_to, with connected=<provider> and connection=<id>, or with connect_error=access_denied':
    'Tilbake til return_to, med connected=<provider> og connection=<id>, eller med connect_error=access_denied',
  'An event of the provider': 'En hendelse fra leverandøren',
  "The provider's signature over the raw body is the only credential. The provider file names its header. Gatehouse passes the event on to the operator's address until that address accepts it, once. A copy that comes meanwhile shares the outcome, or gets 503 `store_unavailable` with Retry-After while it is open. If the head of the request is reason enough to refuse it, Gatehouse does so before it reads the body.":
    'Leverandørens signatur over det rå innholdet er det eneste beviset. Leverandørfilen nevner hodefeltet. Gatehouse sender hendelsen videre til driftsansvarliges adresse til adressen godtar den, én gang. En kopi som kommer imens, deler utfallet, eller får 503 `store_unavailable` med Retry-After så lenge det er åpent. Er hodet i forespørselen grunn nok til å avvise den, gjør Gatehouse det før innholdet leses.',
  'The operator accepted it, now or before': 'Driftsansvarlig godtok den, nå eller tidligere',
  'The process is alive': 'Prosessen lever',
  'It is': 'Det gjør den',
  'Ready to take calls': 'Klar til å ta imot kall',
  'Configured, the store responds, not shutting down. The response lists providers, which never fail it.':
    'Konfigurert, lageret svarer, ikke på vei ned. Leverandører listes og får det aldri til å feile.',
  Ready: 'Klar',
  'Not ready': 'Ikke klar',
  'Figures for Prometheus': 'Tall for Prometheus',
  'The figures': 'Tallene',
  'A card for every provider': 'Et kort for hver leverandør',
  'The page': 'Siden',
  'In development: the same page under the loopback name that PUBLIC_URL has':
    'Under utvikling: den samme siden under det lokale navnet som PUBLIC_URL har',
  'One connection, and its data': 'Én tilkobling og dataene dens',
  'One connection, with the response to an example call that the server makes; for browsers without script':
    'Én tilkobling, med svaret på et eksempelkall som serveren gjør; for nettlesere uten skript',
  'The page; if the call fails, the page says why': 'Siden; hvis kallet mislykkes, sier siden hvorfor',
  'Disconnect, from a form': 'Koble fra, fra et skjema',
  'Choose an organization, from a form': 'Velg en organisasjon, fra et skjema',
  'To the page of the connection that was made': 'Til siden for tilkoblingen som ble laget',
  'To the page of the connection': 'Til siden for tilkoblingen',
  'Ends a pop-up: tells the page that opened it how the attempt ended, and closes the window':
    'Avslutter et eget vindu: forteller siden som åpnet det, hvordan forsøket endte, og lukker vinduet',
  'The ES module for front ends': 'ES-modulen for grensesnitt',
  'Pages of our own origin and of ALLOWED_ORIGINS may load it; 304 where If-None-Match names its ETag.':
    'Sider fra vår egen opprinnelse og fra ALLOWED_ORIGINS kan laste den; 304 når If-None-Match nevner ETag-en.',
  'The module': 'Modulen',
  'It has not changed': 'Den er uendret',
  'The types of that module': 'Typene til den modulen',
  'What the operator has to do at the provider; in development only':
    'Det driftsansvarlig må gjøre hos leverandøren; bare under utvikling',
  'This document': 'Dette dokumentet',
  'OpenAPI 3.1': 'OpenAPI 3.1',
  'This document, for a person': 'Dette dokumentet, for en person',
};
