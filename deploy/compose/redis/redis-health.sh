#!/bin/sh
# redis-health.sh SECRET PORT COMMAND…: succeeds when the server of this container answers without an error.
set -eu
REDISCLI_AUTH=$(cat "/run/secrets/$1")
export REDISCLI_AUTH
port=$2
shift 2
exec redis-cli -e -p "$port" "$@"
