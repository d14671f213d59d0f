#!/bin/sh
# Prints the Secret with fresh keys: sh deploy/kubernetes/secret.sh | kubectl apply --filename -
# Once only: a second run makes other keys, and every session would end. docs/operations.md (Keys) tells how they are changed.
set -eu
: "${REDIS_URL:?the store, such as rediss+sentinel://:password@redis-0:26379,redis-1:26379/mymaster}"
: "${INVOICED_CLIENT_SECRET:?from the console of the provider}"
kubectl create secret generic gatehouse --namespace gatehouse \
  --from-literal=REDIS_URL="$REDIS_URL" \
  --from-literal=SESSION_SECRET="$(openssl rand -base64 48)" \
  --from-literal=ENCRYPTION_KEYS="k1:$(openssl rand -base64 32)" \
  --from-literal=INVOICED_CLIENT_SECRET="$INVOICED_CLIENT_SECRET" \
  --dry-run=client --output=yaml
