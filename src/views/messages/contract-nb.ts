/** The texts of the OpenAPI document in Norwegian bokmål; `{codes}` stands for a list of error codes. */
export const contractNb: Readonly<Record<string, string>> = {
  'Connects a person to providers, keeps the tokens, and passes API calls on with the token attached. The browser holds one cookie and never sees a token. Every failure is a problem (RFC 9457) with a code.':
    'Kobler en person til leverandører, tar vare på tokenene og sender API-kall videre med tokenet på. Nettleseren har én informasjonskapsel og ser aldri et token. Hver feil er et problem (RFC 9457) med en kode.',
  'The session and its connections': 'Økten og tilkoblingene i den',
  'What a single-page application asks first. Without a session it answers the same shape.':
    'Det en énsidesapplikasjon spør om først. Uten økt har svaret samme form.',
  'The session': 'Økten',
  'Any other problem, such as {codes}.': 'Et hvilket som helst annet problem, for eksempel {codes}.',
  "Bind the session to the embedding application's user": 'Knytt økten til brukeren av applikasjonen rundt',
  'Another user than before ends the old session first, with everything connected in it. The assertion is a JWT with sub, aud and exp, signed by the application, and is taken once.':
    'En annen bruker enn før avslutter først den gamle økten, med alt som er tilkoblet i den. Erklæringen er et JWT med sub, aud og exp, signert av applikasjonen, og tas imot én gang.',
  'End the session and every connection in it': 'Avslutt økten og hver tilkobling i den',
  'Forgets here first, then revokes at the providers. Succeeds without a session.':
    'Glemmer her først, og trekker så tilbake hos leverandørene. Lykkes også uten økt.',
  'Where Accept names application/json': 'Når Accept nevner application/json',
  'To the home page': 'Til startsiden',
  'Every provider on offer, and whether it is connected': 'Hver leverandør som tilbys, og om den er tilkoblet',
  'All of them': 'Alle',
  'One of them': 'Én av dem',
  'The connection': 'Tilkoblingen',
  Disconnect: 'Koble fra',
  'Forgets here first, then revokes at the provider. Succeeds where nothing was connected.':
    'Glemmer her først, og trekker så tilbake hos leverandøren. Lykkes også når ingenting var tilkoblet.',
  'It is forgotten': 'Den er glemt',
  'Renew the access now': 'Forny tilgangen nå',
  'The renewed connection': 'Den fornyede tilkoblingen',
  'The organizations that the provider lists, and the chosen one':
    'Organisasjonene som leverandøren oppgir, og den som er valgt',
  'The list': 'Listen',
  'Choose an organization': 'Velg en organisasjon',
  "A call to the provider's API, with the session's token attached":
    'Et kall til leverandørens API, med tokenet som hører til økten',
  "The provider's answer: its status, its headers but for those that are ours to set, its body as a stream":
    'Leverandørens svar: statusen, hodefeltene unntatt dem vi selv setter, og innholdet som en strøm',
  'How an attempt in a pop-up ended': 'Hvordan et forsøk i et eget vindu endte',
  "For a front end whose pop-up was cut off by the provider's opener policy. Known for two minutes in the browser that finished it, and told once.":
    'For et grensesnitt som leverandørens opener-regler har skilt fra vinduet sitt. Kjent i to minutter i nettleseren som fullførte det, og fortelles én gang.',
  'The outcome, or null while there is none': 'Utfallet, eller null så lenge det ikke er noe',
  'Connect, from a link': 'Koble til, fra en lenke',
  "Starts with a person's click: prefetches, images and background requests are refused. The parameters that the provider file lets a caller set are passed on; others are ignored.":
    'Begynner med at en person klikker: forhåndshenting, bilder og kall i bakgrunnen avvises. Parameterne som leverandørfilen lar en kaller sette, sendes videre; andre overses.',
  'Where another site led here: a page that asks first': 'Når et annet nettsted førte hit: en side som spør først',
  'To the authorization server': 'Til autorisasjonsserveren',
  'Connect, from a form or a script': 'Koble til, fra et skjema eller et skript',
  'The way back from the authorization server': 'Veien tilbake fra autorisasjonsserveren',
  'The redirect_uri that is registered at the provider. An answer to an attempt of this very browser is used up, whatever the outcome; any other is refused here.':
    'redirect_uri som er registrert hos leverandøren. Et svar på et forsøk fra denne nettleseren brukes opp, uansett utfall; alle andre avvises her.',
  'Back to return_to, with connected=<provider>, or with request_id and connect_error, one of: {codes}. Where the account has to be confirmed first, to the confirmation page':
    'Tilbake til return_to, med connected=<provider>, eller med request_id og connect_error, én av: {codes}. Når kontoen må bekreftes først, til bekreftelsessiden',
  'The account that is about to be stored': 'Kontoen som er i ferd med å bli lagret',
  'The page that names it; its members as JSON where Accept names application/json':
    'Siden som nevner den; som JSON når Accept nevner application/json',
  'Confirm the account, or let it go': 'Bekreft kontoen, eller slipp den',
  'Back to return_to, with connected=<provider>, or with connect_error=access_denied':
    'Tilbake til return_to, med connected=<provider> eller med connect_error=access_denied',
  'An event of the provider': 'En hendelse fra leverandøren',
  "The provider's signature over the raw body is the only credential; its header is named in the provider file. The event is passed on to the operator's address until that takes it, once. A copy that comes meanwhile shares the outcome, or is answered 503 `store_unavailable` with Retry-After while it is open. What can be refused by the head of the request is refused before the body is read.":
    'Leverandørens signatur over det rå innholdet er det eneste beviset; hodefeltet står i leverandørfilen. Hendelsen sendes videre til driftsansvarliges adresse til den blir tatt imot, én gang. En kopi som kommer imens, deler utfallet, eller får 503 `store_unavailable` med Retry-After så lenge det er åpent. Det som kan avvises ut fra hodet i forespørselen, avvises før innholdet leses.',
  'The operator took it, now or before': 'Driftsansvarlig tok imot den, nå eller tidligere',
  'The process is alive': 'Prosessen lever',
  'It is': 'Det gjør den',
  'Ready to take calls': 'Klar til å ta imot kall',
  'Configured, the store answers, not shutting down. Providers are listed and never fail it.':
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
  'One connection, with the answer to an example call that the server makes; for browsers without script':
    'Én tilkobling, med svaret på et eksempelkall som serveren gjør; for nettlesere uten skript',
  'The page; what keeps the call from being answered is told on it':
    'Siden; det som hindrer at kallet besvares, står på den',
  'Disconnect, from a form': 'Koble fra, fra et skjema',
  'Choose an organization, from a form': 'Velg en organisasjon, fra et skjema',
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
