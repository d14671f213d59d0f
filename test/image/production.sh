#!/bin/sh
# Runs deploy/compose/docker-compose.production.yml for real and checks what docs/deployment.md promises of it: sign-in and calls
# through nginx over https, a killed process, a killed Redis master, a rolling restart and a rotated key, under load.
# Needs what build-and-run.sh needs, and port 8443. Takes about six minutes and leaves nothing behind.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
folder=$(mktemp -d)
. "$here/engine.sh"
. "$here/checks.sh"
. "$here/check-production.sh"

project=gatehouse-production-check
files='--file deploy/compose/docker-compose.production.yml --file test/image/production/trial.yml'
compose() {
  # shellcheck disable=SC2086 # a list of options
  docker-compose --project-name $project $files "$@"
}

clean_up() {
  status=$?
  kill ${load:-} 2>/dev/null || true
  if [ $status -ne 0 ]; then
    for name in app-1 app-2 app-3 nginx sentinel-1 redis-1 redis-2 provider; do
      printf -- '--- %s\n' "$name"
      podman logs "$(container "$name")" 2>&1 | tail -n 15 || true
    done >&2
  fi
  stop_engine
  rm -rf "$folder"
  summary $status
  exit $status
}
trap clean_up EXIT
trap 'exit 130' INT TERM

need buildah podman runc debootstrap docker-compose curl openssl

! curl --silent --insecure --output /dev/null https://127.0.0.1:8443/ || failed 'port 8443 is taken by another program'
timed 'base images are made' "$here/stand-ins.sh" "$folder" nginx
start_service
start_health_checks
prepare_production
check_start
check_connected
check_killed_process
check_killed_master
check_rolling_restart
check_end
