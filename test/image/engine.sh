#!/bin/sh
# Sourced by build-and-run.sh: buildah and podman with storage, settings and a socket of their own below $folder, so that
# nothing of theirs is left on the machine. Needs no running container service.

mkdir -p "$folder/storage" "$folder/run"
cat >"$folder/storage.conf" <<END
[storage]
driver = "overlay"
graphroot = "$folder/storage"
runroot = "$folder/run"
END
cat >"$folder/containers.conf" <<END
[containers]
default_ulimits = ["nofile=20000:20000", "nproc=4096:4096"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
# Names without a host mean the images made here.
compat_api_enforce_docker_hub = false
tmp_dir = "$folder/run/libpod"
[network]
network_backend = "netavark"
network_config_dir = "$folder/networks"
END
printf '{"default":[{"type":"insecureAcceptAnything"}]}\n' >"$folder/policy.json"
export CONTAINERS_STORAGE_CONF="$folder/storage.conf" CONTAINERS_CONF="$folder/containers.conf"
export BUILDAH_ISOLATION=chroot

# The engine's interface on a socket, for docker-compose.
start_service() {
  podman system service --time 0 "unix://$folder/engine.sock" >"$folder/service.log" 2>&1 &
  service=$!
  export DOCKER_HOST="unix://$folder/engine.sock" DOCKER_BUILDKIT=0 COMPOSE_DOCKER_CLI_BUILD=0
  for _ in $(seq 100); do
    [ -S "$folder/engine.sock" ] && return
    sleep 0.1
  done
  cat "$folder/service.log" >&2
  return 1
}

# Runs each container's own HEALTHCHECK again and again; elsewhere the engine's timers do that.
start_health_checks() {
  while sleep 1; do
    for container in $(podman ps --quiet); do
      podman healthcheck run "$container" >/dev/null 2>&1 || true
    done
  done &
  health_checks=$!
}

stop_engine() {
  kill ${health_checks:-} ${service:-} 2>/dev/null || true
  podman rm --all --force --time 1 >/dev/null 2>&1 || true
  podman volume rm --all --force >/dev/null 2>&1 || true
  podman network prune --force >/dev/null 2>&1 || true
  umount "$folder/storage/overlay" 2>/dev/null || true
}
