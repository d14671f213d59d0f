#!/bin/sh
# Sourced by production.sh: the parts of the trial, in their order.

container() { # container SERVICE: its id
  podman ps --all --quiet --filter "label=com.docker.compose.service=$1" --filter "label=com.docker.compose.project=$project" | head -n 1
}

visit() { # visit COMMAND ARGUMENT…
  node "$here/production/visitor.js" "$1" "$folder/jar" "${2:-}" "${3:-}"
}

prepare_production() {
  export SECRETS_FOLDER="$folder/secrets" TLS_FOLDER="$folder/tls" GATEHOUSE_ENV_FILE="$folder/gatehouse.env"
  export PROVIDERS_FOLDER="$here/production/providers" HTTPS_PORT=127.0.0.1:8443 HTTP_PORT=127.0.0.1:8480
  export TRIAL_CLIENT_SECRET TRUSTED="$folder/tls/fullchain.pem"
  TRIAL_CLIENT_SECRET=$(openssl rand -hex 24)
  # Containers that run as other users pass through it.
  chmod 711 "$folder"
  check 'secrets are made' deploy/compose/make-secrets.sh "$SECRETS_FOLDER"
  check 'a certificate is made' deploy/compose/trial-certificate.sh "$TLS_FOLDER" connect.acme.test id.acme.test
  printf '%s\n' "$TRIAL_CLIENT_SECRET" >"$SECRETS_FOLDER/providers/acme"
  chown 1000:1000 "$SECRETS_FOLDER/providers/acme"
  chmod 400 "$SECRETS_FOLDER/providers/acme"
  printf '%s\n' 'PUBLIC_URL=https://connect.acme.test:8443' 'ACME_CLIENT_ID=trial' \
    'ACME_CLIENT_SECRET_FILE=/run/secrets/providers/acme' >"$GATEHOUSE_ENV_FILE"
}

check_start() {
  timed 'the image is built' compose build
  timed 'everything is started' compose up --detach
  for app in app-1 app-2 app-3; do check "$app is ready" eventually 60 ready "$app"; done
  check 'no port is published but those of nginx' only_nginx_is_published
  check 'no root file system can be written' read_only_everywhere
  check 'no secret stands in an environment or a command line' no_secret_is_shown
  check 'http is sent on to https, with 308' sent_on
  for service in nginx app-1 app-2 app-3 redis-1 redis-2 redis-3 sentinel-1 sentinel-2 sentinel-3; do
    check "$service is healthy" eventually 30 podman healthcheck run "$(container "$service")"
  done
  check 'the sentinels know each other and two replicas' eventually 30 sentinels_agree
}

ready() {
  podman exec "$(container "$1")" node -e \
    'fetch("http://127.0.0.1:3000/readyz").then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))'
}

only_nginx_is_published() {
  podman ps --format '{{.Names}} {{.Ports}}' | tee /dev/stderr | grep nginx | grep -q 8443 &&
    ! podman ps --format '{{.Names}} {{.Ports}}' | grep -v nginx | grep -e '->'
}

read_only_everywhere() {
  for each in $(podman ps --quiet); do
    podman inspect --format '{{.Name}} {{.HostConfig.ReadonlyRootfs}}' "$each" | tee /dev/stderr | grep -q true || return 1
  done
}

no_secret_is_shown() {
  for each in $(podman ps --quiet --filter label=com.docker.compose.service); do
    podman inspect "$each" >>"$folder/inspected"
    podman top "$each" args >>"$folder/inspected"
  done
  for name in redis_password sentinel_password session_secret encryption_keys; do
    ! grep -qF "$(cat "$SECRETS_FOLDER/$name")" "$folder/inspected" || return 1
  done
}

sent_on() {
  curl --silent --output /dev/null --write-out '%{http_code} %{redirect_url}' --header 'Host: evil.test' \
    'http://127.0.0.1:8480/connections/acme?x=1' | tee /dev/stderr |
    grep -q '^308 https://connect.acme.test:8443/connections/acme?x=1$'
}

ask_redis() { # ask_redis SERVICE SECRET PORT COMMAND…
  asked=$(container "$1")
  shift
  podman exec "$asked" sh /usr/local/lib/gatehouse/redis-health.sh "$@"
}

sentinels_agree() {
  for each in sentinel-1 sentinel-2 sentinel-3; do
    ask_redis $each sentinel_password 26379 SENTINEL MASTER main | paste -sd' ' |
      grep 'num-slaves 2 num-other-sentinels 2' || return 1
  done
}

# The last number of the addresses of the master: 11 for redis-1.
master() {
  ask_redis sentinel-3 sentinel_password 26379 SENTINEL GET-MASTER-ADDR-BY-NAME main | head -n 1 | sed 's/.*\.1/redis-/'
}

check_connected() {
  check 'a browser connects through nginx over https' visit connect
  check 'a call reaches the API' visit ask GET /proxy/acme/invoices
  check 'a forced refresh brings new tokens' visit ask POST /api/connections/acme/refresh
  check 'a call with the new token reaches the API' visit ask GET /proxy/acme/invoices
  check 'no line of nginx or of a process holds a query, a cookie or a secret' nothing_secret_is_logged
}

nothing_secret_is_logged() {
  for service in nginx app-1 app-2 app-3; do podman logs "$(container $service)" >>"$folder/logged" 2>&1; done
  grep -q '/connect/acme/callback' "$folder/logged" || return 1
  ! grep -E 'code=|state=' "$folder/logged" || return 1
  node -e 'for (const [, value] of JSON.parse(fs.readFileSync(process.argv[1], "utf8"))) console.log(value);' \
    "$folder/jar" >"$folder/values"
  cat "$SECRETS_FOLDER/session_secret" "$SECRETS_FOLDER/providers/acme" "$SECRETS_FOLDER/redis_password" >>"$folder/values"
  ! grep -qF -f "$folder/values" "$folder/logged"
}

start_load() {
  # Not by the function above: this is the process that is told to stop.
  node "$here/production/visitor.js" load "$folder/jar" >"$folder/load" 2>"$folder/load-errors" &
  load=$!
  sleep 2
}

stop_load() {
  kill "$load"
  wait "$load" || { cat "$folder/load-errors" >&2; failed 'the load ended by itself'; }
  load=
  printf '          %s\n' "$(cat "$folder/load")"
}

# of_load MEMBER: a number in what the load said
of_load() {
  node -p 'JSON.parse(fs.readFileSync(process.argv[1], "utf8"))[process.argv[2]]' "$folder/load" "$1"
}

check_killed_process() {
  start_load
  podman kill --signal KILL "$(container app-2)" >/dev/null
  sleep 8
  stop_load
  check 'no call failed while a process was killed' test "$(of_load failed)" = 0
  podman start "$(container app-2)" >/dev/null
  check 'the process is ready again' eventually 60 ready app-2
}

check_killed_master() {
  before=$(master)
  start_load
  podman kill --signal KILL "$(container "$before")" >/dev/null
  check "the sentinels choose another master than $before" eventually 30 master_is_not "$before"
  check 'a refresh, which writes, goes through again' eventually 30 visit ask POST /api/connections/acme/refresh
  sleep 3
  stop_load
  printf '          calls failed for %s ms in all, between the first and the last\n' "$(of_load failed_for_ms)"
  check 'calls failed for less than 15 s' test "$(of_load failed_for_ms)" -lt 15000
  check 'the session and its connection are still there' still_connected
  podman start "$(container "$before")" >/dev/null
  check "$before comes back as a replica" eventually 60 is_replica "$before"
}

master_is_not() {
  found=$(master) && [ -n "$found" ] && [ "$found" != "$1" ]
}

is_replica() {
  ask_redis "$1" redis_password 6379 INFO replication | tee "$folder/role" | grep -q '^role:slave' &&
    grep -q '^master_link_status:up' "$folder/role"
}

still_connected() {
  visit ask GET /api/session | tee /dev/stderr | grep '"active":true' | grep -qE '"status":"(connected|expiring)"'
}

check_rolling_restart() {
  before=$(sealing_key)
  start_load
  for step in behind promote; do
    check "rotate-keys.sh $step" deploy/compose/rotate-keys.sh $step "$SECRETS_FOLDER"
    timed 'roll.sh: the processes are replaced one after the other' env COMPOSE="docker-compose --project-name $project" \
      deploy/compose/roll.sh --file test/image/production/trial.yml
  done
  check 'a refresh goes through' visit ask POST /api/connections/acme/refresh
  sleep 2
  stop_load
  check 'no call failed meanwhile' test "$(of_load failed)" = 0
  check 'the session and its connection are still there' still_connected
  check 'the new key seals' test "$(sealing_key)" != "$before"
  check 'a call reaches the API' visit ask GET /proxy/acme/invoices
  check 'no refresh token was ever used twice' never_reused
}

# The key of whose records there are any.
sealing_key() {
  podman exec "$(container app-1)" node dist/command-line/main.js keys list --json | node -e '
    process.stdin.toArray().then((chunks) => {
      const { keys } = JSON.parse(chunks.join(""));
      console.log(keys.filter(({ connection }) => connection > 0).map(({ id }) => id).join(" "));
    });'
}

never_reused() {
  visit ask GET /proxy/acme/invoices | tee /dev/stderr | grep -q '"refresh_tokens_reused":0'
}

# When it ended and how is said where it was not well.
stopped_well() {
  podman inspect --format '{{.State.ExitCode}} at {{.State.FinishedAt}}' "$(container "$1")" | tee /dev/stderr | grep -q '^0 at '
}

check_end() {
  # Everything but the provider, which would forget its grants.
  ours='nginx app-1 app-2 app-3 sentinel-1 sentinel-2 sentinel-3 redis-1 redis-2 redis-3'
  # shellcheck disable=SC2086 # a list of services
  timed 'docker compose stop' compose stop $ours
  for app in app-1 app-2 app-3; do
    check "$app stopped with exit code 0" stopped_well "$app"
  done
  # shellcheck disable=SC2086
  timed 'docker compose start' compose start $ours
  for app in app-1 app-2 app-3; do check "$app is ready" eventually 60 ready "$app"; done
  # A new container of nginx has another hardware address, which this machine learns within some seconds.
  check 'the session outlived the restart of everything' eventually 60 still_connected
  check 'a call reaches the API' visit ask GET /proxy/acme/invoices
  compose down --volumes >/dev/null 2>&1
}
