#!/bin/sh
# A sentinel of docker-compose.production.yml. It keeps what it knows (the master, the others) in its configuration on the volume;
# the passwords in it are written anew at each start.
set -eu
umask 077
state=/data/sentinel.conf
password=$(cat /run/secrets/redis_password)
own=$(cat /run/secrets/sentinel_password)
if [ ! -f "$state" ]; then
  cat >"$state" <<CONFIGURATION
port 26379
dir /data
sentinel monitor main $FIRST_MASTER 6379 2
sentinel down-after-milliseconds main 3000
sentinel failover-timeout main 15000
CONFIGURATION
fi
known=$(grep -v -e '^requirepass ' -e '^sentinel auth-pass ' -e '^sentinel sentinel-pass ' "$state")
cat >"$state" <<CONFIGURATION
$known
requirepass $own
sentinel sentinel-pass $own
sentinel auth-pass main $password
CONFIGURATION
exec redis-server "$state" --sentinel
