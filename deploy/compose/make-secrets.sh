#!/bin/sh
# make-secrets.sh [FOLDER]: the secrets of docker-compose.production.yml, a file each, in ./secrets beside it unless told.
# A file that is there stays as it is.
set -eu
umask 077
folder=${1:-$(dirname "$0")/secrets}
mkdir -p "$folder/providers"
cd "$folder"

keep() { # keep NAME OWNER TEXT
  if [ ! -e "$1" ]; then
    printf '%s\n' "$3" >"$1"
    # Containers read a file as their own users. Who is not root cannot give files away: then the folder alone is closed.
    if [ "$(id -u)" = 0 ]; then
      chown "$2" "$1"
      chmod 400 "$1"
    else
      chmod 444 "$1"
    fi
  fi
}

keep redis_password 999:999 "$(openssl rand -hex 32)"
keep sentinel_password 999:1000 "$(openssl rand -hex 32)"
keep session_secret 1000:1000 "$(openssl rand -base64 48)"
keep encryption_keys 1000:1000 "k1:$(openssl rand -base64 32)"
keep redis_url 1000:1000 \
  "redis+sentinel://:$(cat redis_password)@sentinel-1:26379,sentinel-2:26379,sentinel-3:26379/main"
# Two users read this one: the sentinels, and Gatehouse by its group.
[ "$(id -u)" != 0 ] || chmod 440 sentinel_password
chmod 755 providers
printf 'The secrets are in %s. A client secret of a provider belongs into its folder providers.\n' "$folder"
