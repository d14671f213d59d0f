#!/bin/sh
# Prints the Secret with fresh keys: sh deploy/kubernetes/secret.sh | kubectl apply --filename -
# Once only: a second run makes other keys, and every session would end. docs/operations.md (Keys) tells how they are changed.
# No value stands in the command line of a program, where others on this machine could read it.
set -eu
: "${REDIS_URL:?the store, such as rediss+sentinel://:password@redis-0:26379,redis-1:26379/mymaster}"
: "${INVOICED_CLIENT_SECRET:?from the console of the provider}"

entry() { # entry NAME VALUE
  printf '  %s: %s\n' "$1" "$(printf '%s' "$2" | base64 | tr -d '\n')"
}

session_secret=$(openssl rand -base64 48)
encryption_key=$(openssl rand -base64 32)
cat <<END
apiVersion: v1
kind: Secret
metadata:
  name: gatehouse
  namespace: gatehouse
  labels: { app.kubernetes.io/name: gatehouse }
type: Opaque
data:
END
entry REDIS_URL "$REDIS_URL"
entry SESSION_SECRET "$session_secret"
entry ENCRYPTION_KEYS "k1:$encryption_key"
entry INVOICED_CLIENT_SECRET "$INVOICED_CLIENT_SECRET"
