#!/bin/sh
# roll.sh [COMPOSE OPTION…]: replaces the processes of Gatehouse one after the other, each once the one before it is ready.
# Run after a new image, a changed gatehouse.env, a provider file or a secret. COMPOSE names the command (docker compose).
set -eu
compose=${COMPOSE:-docker compose}
file=$(dirname "$0")/docker-compose.production.yml

# Ready, and reached by nginx: for some seconds it may still look for the new container where the old one was.
ready() {
  $compose --file "$file" "$@" exec -T "$app" node -e "
    fetch('http://nginx:8090/$app', { signal: AbortSignal.timeout(2000) })
      .then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))" >/dev/null 2>&1
}

for app in app-1 app-2 app-3; do
  $compose --file "$file" "$@" up --detach --no-deps --no-build --force-recreate "$app"
  limit=$(($(date +%s) + 120))
  until ready "$@"; do
    if [ "$(date +%s)" -ge "$limit" ]; then
      printf '%s is not ready after two minutes; the others still run what they ran before.\n' "$app" >&2
      exit 1
    fi
    sleep 1
  done
  # nginx leaves out one that failed for two seconds.
  sleep 3
  printf '%s is ready\n' "$app"
done
