#!/bin/sh
# rotate-keys.sh behind|promote|drop [FOLDER]: changes SESSION_SECRET and ENCRYPTION_KEYS in ./secrets, without signing anybody out.
# Run roll.sh after each step: a process must know a new key before another one uses it.
#   behind    a fresh value at the end of each list, known and not used yet
#   promote   the last value becomes the first, which is the one in use
#   drop      the last value goes, in both lists; before it reseal, and wait (docs/operations.md, Keys)
set -eu
umask 077
step=${1:-}
cd "${2:-$(dirname "$0")/secrets}"

# Written in place, so that the file keeps its owner and its mode.
replace() { # replace FILE TEXT
  printf '%s\n' "$2" >"$1"
}

for name in session_secret encryption_keys; do
  values=$(cat "$name")
  rest=${values%,*}
  last=${values##*,}
  fresh=$(openssl rand -base64 32)
  [ "$name" = session_secret ] || fresh="k$(date +%s):$fresh"
  case $step in
    behind) replace "$name" "$values,$fresh" ;;
    promote) [ "$rest" = "$values" ] || replace "$name" "$last,$rest" ;;
    drop) [ "$rest" = "$values" ] || replace "$name" "$rest" ;;
    *)
      sed -n 's/^# \{0,1\}//p' "$0" | sed -n 2,6p >&2
      exit 2
      ;;
  esac
done
