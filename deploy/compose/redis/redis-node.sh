#!/bin/sh
# A data node of docker-compose.production.yml. Sentinels write the node's role into its configuration, which lies on the volume:
# that line is kept, everything else is written anew at each start, so that a changed password is taken.
set -eu
umask 077
state=/data/redis.conf
password=$(cat /run/secrets/redis_password)
if [ -f "$state" ]; then
  role=$(grep '^replicaof ' "$state" || true)
else
  role=${FIRST_MASTER:+replicaof $FIRST_MASTER 6379}
fi
cat >"$state" <<CONFIGURATION
port 6379
dir /data
requirepass $password
masterauth $password
appendonly yes
# Each acknowledged write is on the disk: a renewed refresh token that was lost cannot be renewed again.
appendfsync always
maxmemory-policy noeviction
$role
CONFIGURATION
exec redis-server "$state"
