#!/bin/sh
# Builds the image and starts the compose file for real, and checks what docs/deployment.md promises of both.
# Needs no container service and no image registry: Debian, root, a package registry for npm, and
#   apt-get install --no-install-recommends buildah podman runc netavark aardvark-dns iptables debootstrap docker-compose curl
# Takes three to five minutes and leaves nothing behind. Ports 3000 and 3100 must be free.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
folder=$(mktemp -d)
. "$here/engine.sh"
. "$here/checks.sh"

compose() {
  docker-compose --project-name gatehouse-check "$@"
}

clean_up() {
  status=$?
  [ $status -eq 0 ] || podman logs app 2>&1 | tail -n 20 || true
  stop_engine
  rm -rf "$folder"
  summary $status
  exit $status
}
trap clean_up EXIT
trap 'exit 130' INT TERM

need buildah podman runc debootstrap docker-compose curl openssl

. "$here/check-image.sh"
. "$here/check-compose.sh"

for port in 3000 3100; do
  ! curl --silent --output /dev/null "http://127.0.0.1:$port/" || failed "port $port is taken by another program"
done
timed 'base images are made' "$here/stand-ins.sh" "$folder"
check_image
check_compose
