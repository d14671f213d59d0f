#!/bin/sh
# Sourced by build-and-run.sh: `docker compose up` gives the first run, with Redis.

answers() { # answers STATUS URL
  test "$(curl --silent --output "$folder/body" --write-out '%{http_code}' "$2")" = "$1"
}

check_compose() {
  start_service
  start_health_checks
  timed 'docker compose up' compose up --detach --build
  check 'it is ready' eventually 30 answers 200 http://localhost:3000/readyz
  check 'Redis is its store' sh -c 'docker-compose --project-name gatehouse-check logs app | grep -q "Sessions *Redis"'
  check 'the home page answers' answers 200 http://localhost:3000/
  for provider in 'Request Finance' Invoiced Luca Financefeast; do
    check "the home page offers $provider" grep -q "$provider" "$folder/body"
  done
  check 'the browser reaches the sandbox' answers 200 http://127.0.0.1:3100/control
  check 'the app reaches the sandbox and Redis' reaches_everything
  check 'a button leads to the sandbox' leads_to_the_sandbox
  check 'other machines reach neither' not_published
  app=$(compose ps --quiet app)
  check 'its health check passes' podman healthcheck run "$app"
  timed 'docker compose stop' compose stop --timeout 30
  check 'it stopped with exit code 0' sh -c "test \"\$(podman inspect --format '{{.State.ExitCode}}' $app)\" = 0"
  compose down --volumes >/dev/null 2>&1
}

# An issuer is ready when its metadata was fetched.
reaches_everything() {
  curl --silent http://localhost:3000/readyz | tee /dev/stderr |
    node -e '
      let text = "";
      process.stdin.on("data", (chunk) => (text += chunk)).on("end", () => {
        const { store, providers } = JSON.parse(text);
        process.exit(store === "ok" && providers["request-finance"] === "ready" ? 0 : 1);
      });'
}

leads_to_the_sandbox() {
  curl --silent --output /dev/null --write-out '%{redirect_url}\n' --header 'Sec-Fetch-Mode: navigate' \
    --header 'Sec-Fetch-Site: none' --header 'Sec-Fetch-Dest: document' http://localhost:3000/connect/invoiced |
    grep '^http://127.0.0.1:3100/'
}

not_published() {
  podman ps --format '{{.Ports}}' | tee /dev/stderr | grep 3000 && ! podman ps --format '{{.Ports}}' | grep -F '0.0.0.0:'
}
