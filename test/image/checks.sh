#!/bin/sh
# Sourced by build-and-run.sh and production.sh: checks that say what they found, a line each.

checks_passed=0

# summary STATUS: the last line, in the form of the test runner's
summary() {
  [ "$1" -eq 0 ] && checks_failed=0 || checks_failed=1
  printf '%d passed, %d failed, 0 skipped\n' "$checks_passed" "$checks_failed"
}

# need PROGRAM…: ends with what to install where one is missing
need() {
  for program in "$@"; do
    command -v "$program" >/dev/null ||
      failed "$program is missing: apt-get install --no-install-recommends buildah podman runc netavark aardvark-dns iptables debootstrap docker-compose curl"
  done
}

passed() {
  checks_passed=$((checks_passed + 1))
  printf '  ok      %s\n' "$1"
}

failed() {
  printf '  FAILED  %s\n' "$1" >&2
  exit 1
}

# check WHAT COMMAND…: the command succeeds
check() {
  what=$1
  shift
  if "$@" >"$folder/output" 2>&1; then passed "$what"; else cat "$folder/output" >&2; failed "$what"; fi
}

# check_not WHAT COMMAND…: the command fails
check_not() {
  what=$1
  shift
  if "$@" >"$folder/output" 2>&1; then cat "$folder/output" >&2; failed "$what"; else passed "$what"; fi
}

# eventually SECONDS COMMAND…: the command succeeds within that time
eventually() {
  limit=$(($(date +%s) + $1))
  shift
  until "$@"; do
    [ "$(date +%s)" -lt "$limit" ] || return 1
    sleep 0.2
  done
}

timed() {
  began=$(date +%s)
  what=$1
  shift
  "$@" >"$folder/output" 2>&1 || { tail -n 40 "$folder/output" >&2; failed "$what"; }
  passed "$what ($(($(date +%s) - began)) s)"
}
