#!/bin/sh
# trial-certificate.sh FOLDER NAME…: a self-signed certificate for these host names, for a trial. Browsers warn of it.
set -eu
umask 077
folder=$1
shift
names=
for name in "$@"; do names="$names,DNS:$name"; done
mkdir -p "$folder"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -noenc -days 30 -subj "/CN=$1" \
  -addext "subjectAltName=${names#,}" -keyout "$folder/privkey.pem" -out "$folder/fullchain.pem" 2>/dev/null
chmod 755 "$folder"
chmod 644 "$folder/fullchain.pem"
# nginx reads the key as user 101; who is not root leaves the folder closed instead.
if [ "$(id -u)" = 0 ]; then
  chown 101:101 "$folder/privkey.pem"
  chmod 400 "$folder/privkey.pem"
else
  chmod 700 "$folder"
  chmod 644 "$folder/privkey.pem"
fi
