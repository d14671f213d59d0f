#!/bin/sh
# Sourced by build-and-run.sh: the image itself, its `production` target above all.

build() { # build TARGET
  buildah bud --network host --pull-never --format docker --layers --target "$1" --tag "gatehouse:$1" .
}

# The paths in the image that match a find expression; succeeds when there is one.
image_has() {
  podman run --rm --network none --entrypoint find gatehouse:production /app "$@" | grep .
}

check_image() {
  timed 'target sandbox is built' build sandbox
  timed 'target production is built' build production
  check 'the last stage is production' sh -c 'grep "^FROM" Dockerfile | tail -n 1 | grep -q " AS production$"'
  for target in production sandbox; do
    printf '          gatehouse:%s %s, on a base of %s\n' "$target" "$(size "gatehouse:$target")" "$(size node:24-slim)"
  done

  check 'the user is node, not root' sh -c \
    'test "$(podman run --rm --network none --entrypoint id gatehouse:production -u)" = 1000'
  check_not 'no file of the application can be written by it' image_has -writable -not -type l
  check 'production dependencies are there' image_has -path '*/node_modules/express/package.json'
  check_not 'no development packages' \
    image_has -regex '.*/node_modules/\(typescript\|jest\|eslint\|prettier\|@swc\|@types\|playwright-core\)'
  check_not 'no sandbox, no sources, no tests, no .env' \
    image_has -maxdepth 2 '(' -name sandbox -o -name src -o -name test -o -name '.env*' ')'

  check_refusal
  check_running
}

size() {
  podman image inspect --format '{{.Size}}' "$1" | awk '{ printf "%d MB", $1 / 1e6 }'
}

check_refusal() {
  check_not 'production does not start unconfigured' \
    podman run --rm --network none --read-only gatehouse:production
  cp "$folder/output" "$folder/refusal"
  for name in PUBLIC_URL REDIS_URL SESSION_SECRET ENCRYPTION_KEYS; do
    check "the refusal names $name" grep -q "^  $name: it is not set" "$folder/refusal"
  done
}

check_running() {
  podman network create check >/dev/null
  password=$(openssl rand -hex 16)
  podman run --detach --name redis --network check redis:7 redis-server --requirepass "$password" >/dev/null 2>&1
  podman run --detach --name app --network check --read-only --cap-drop all --security-opt no-new-privileges \
    --env PUBLIC_URL=https://connect.example.com --env PORT=8080 \
    --env REDIS_URL="redis://:$password@redis:6379/0" --env SESSION_SECRET="$(openssl rand -base64 32)" \
    --env ENCRYPTION_KEYS="k1:$(openssl rand -base64 32)" --env LUCA_CLIENT_ID=check \
    --env LUCA_CLIENT_SECRET="$(openssl rand -hex 16)" gatehouse:production >/dev/null 2>&1
  check 'production is healthy on another PORT, read-only and without capabilities' \
    eventually 20 podman healthcheck run app
  check 'it is ready: the store answers' podman exec app node -e \
    'const answer = await fetch("http://127.0.0.1:8080/readyz"); process.exit(answer.status === 200 ? 0 : 1)'
  check 'the doctor runs in it and looks at Redis' sh -c \
    'podman exec app node dist/command-line/main.js doctor | grep -q "redis:6379: version"'
  check 'the server is process 1' podman exec app grep -qa '^node' /proc/1/cmdline
  podman kill --signal STOP app >/dev/null
  check_not 'a server that does not answer is unhealthy' podman healthcheck run app
  podman kill --signal CONT app >/dev/null
  check 'SIGTERM is the signal to stop' \
    sh -c 'test "$(podman image inspect --format "{{.Config.StopSignal}}" gatehouse:production)" = SIGTERM'
  podman stop --time 30 app >/dev/null 2>&1
  check 'it stops with exit code 0' sh -c 'test "$(podman inspect --format "{{.State.ExitCode}}" app)" = 0'
  podman rm --force app redis >/dev/null 2>&1
}
