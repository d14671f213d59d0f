#!/bin/sh
# stand-ins.sh FOLDER [nginx]: makes local images under the names that the Dockerfile and the compose files start from,
# without an image registry: Debian by debootstrap, Node from its npm package, Redis and nginx from Debian.
# Run by build-and-run.sh and production.sh, which have told buildah where to keep images.
set -eu
folder=$1
root=$folder/debian
node_package=node-linux-$(node -p process.arch)@24

debootstrap --variant=minbase --include=ca-certificates bookworm "$root" >"$folder/debootstrap.log" 2>&1 ||
  { tail -n 20 "$folder/debootstrap.log" >&2; exit 1; }
# The build trusts what this machine trusts, and asks the package registry that this machine asks.
cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"

commit() { # commit NAME: the changed container becomes an image, the container goes
  buildah commit --quiet --rm "$container" "$1" >/dev/null
}

container=$(buildah from scratch)
buildah add --quiet "$container" "$root" / >/dev/null
commit debian-stand-in

container=$(buildah from --pull-never debian-stand-in)
# Versions and layout as in the image of the same name: /usr/local/bin, npm beside it, and the user node, 1000.
node_path=$(npm exec --yes --package="$node_package" -- sh -c 'command -v node')
buildah add --quiet "$container" "$(readlink -f "$node_path")" /usr/local/bin/node >/dev/null
buildah add --quiet "$container" "$(npm root --global)/npm" /usr/local/lib/node_modules/npm >/dev/null
printf 'registry=%s\n' "$(npm config get registry)" >"$folder/npmrc"
buildah add --quiet "$container" "$folder/npmrc" /usr/local/etc/npmrc >/dev/null
buildah run --isolation chroot "$container" -- sh -euc '
  chmod 755 /usr/local/bin/node
  ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
  groupadd --gid 1000 node
  useradd --uid 1000 --gid node --shell /bin/bash --create-home node'
buildah config --env NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt --cmd node "$container"
commit node:24-slim

container=$(buildah from --pull-never debian-stand-in)
buildah run --isolation chroot --network host "$container" -- sh -euc '
  # Users have the numbers that they have in the images of these names.
  groupadd --system --gid 999 redis
  useradd --system --uid 999 --gid redis --home-dir /var/lib/redis redis
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends redis-server >/dev/null
  mkdir /data
  chown redis:redis /data'
buildah config --user redis --workingdir /data --volume /data --cmd redis-server --port 6379 "$container"
commit redis:7

[ "${2:-}" = nginx ] || exit 0
container=$(buildah from --pull-never debian-stand-in)
buildah run --isolation chroot --network host "$container" -- sh -euc '
  groupadd --system --gid 101 nginx
  useradd --system --uid 101 --gid nginx --no-create-home nginx
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends nginx-light >/dev/null'
buildah config --cmd '["nginx", "-g", "daemon off;"]' "$container"
commit nginx:1
