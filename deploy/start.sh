#!/bin/sh
# Starts netring on this host in containers: see --help.
set -eu
cd "$(dirname "$0")"

help() {
    cat <<'END'
start.sh [--test] [SERVICE...]

Starts what is in docker-compose.yml beside this script: a registry with its Redis, and a member. With names of services it
starts those alone: `start.sh member` where the registry is on another host. Run it again at any time: what has changed is
started anew, and nothing is lost.

  --test   starts the quick demo of test-docker-compose.yml instead: a registry and the members Test1 and Test2
  --help   prints this

Variables, in the environment or as NAME=VALUE in a file .env beside this script:
  HOST_IP               where the other members reach this host. Without it, it is found out: the address from which this
                        host talks to others.
  NETRING_LOCATION      the site that this host stands in
  NETRING_REGISTRY_URL  the registry, where it is not the one that is started here
  COMPOSE               the program that starts containers: `docker compose`, `podman-compose`, … Without it, the first of
                        docker compose, docker-compose, podman compose and podman-compose that works.
docker-compose.yml has more.
END
}

say() { echo "start.sh: $*"; }
fail() {
    echo "start.sh: $*" >&2
    exit 1
}

# The address from which this host talks to others. Nothing is sent for that: the kernel says which way it would go. The
# address that is asked for belongs to nobody.
find_address() {
    if command -v ip >/dev/null 2>&1; then
        found=$(ip -4 route get 192.0.2.1 2>/dev/null | sed -n 's/.* src \([0-9.]*\).*/\1/p' | head -n 1)
        # Without a way out: the first address that is not of containers.
        [ -n "$found" ] || found=$(ip -4 -o address show scope global 2>/dev/null |
            awk '$2 !~ /^(docker|podman|cni|veth|br-|virbr|tun|wg)/ { sub("/.*", "", $4); print $4; exit }')
    else
        device=$(route -n get 192.0.2.1 2>/dev/null | awk '/interface:/ { print $2 }')
        found=$(ipconfig getifaddr "${device:-en0}" 2>/dev/null || true)
    fi
    echo "$found"
}

# Sets `compose` to the program that starts containers, and `engine` to that which knows how they are.
find_compose() {
    compose=${COMPOSE:-}
    if [ -z "$compose" ]; then
        if docker compose version >/dev/null 2>&1; then
            compose="docker compose"
        elif command -v docker-compose >/dev/null 2>&1; then
            compose="docker-compose"
        elif podman compose version >/dev/null 2>&1; then
            compose="podman compose"
        elif command -v podman-compose >/dev/null 2>&1; then
            compose="podman-compose"
        else
            fail "there is neither docker compose nor podman-compose: install one of them, see https://docs.docker.com/compose/install/"
        fi
    fi
    case $compose in
    *podman*) engine=podman ;;
    *) engine=docker ;;
    esac
}

file=docker-compose.yml
while [ $# -gt 0 ]; do
    case $1 in
    --test) file=test-docker-compose.yml ;;
    -h | --help)
        help
        exit 0
        ;;
    -*) fail "there is no option $1; --help shows those that there are" ;;
    *) break ;;
    esac
    shift
done

# As compose does: what is in the environment beats the file.
if [ -z "${HOST_IP:-}" ] && [ -f .env ]; then
    HOST_IP=$(sed -n "s/^HOST_IP=[\"']\{0,1\}\([^\"']*\)[\"']\{0,1\}\$/\1/p" .env | tail -n 1)
fi
if [ -n "${HOST_IP:-}" ]; then
    say "the address of this host is $HOST_IP, as HOST_IP says"
else
    HOST_IP=$(find_address)
    [ -n "$HOST_IP" ] || fail "cannot find out the address of this host; say it: HOST_IP=10.0.1.145 $0"
    say "the address of this host is $HOST_IP (HOST_IP=… sets another)"
fi
export HOST_IP

find_compose
set -- up -d "$@"
case $compose in
*podman-compose*)
    # It does not see by itself that something has changed.
    shift 2
    set -- up -d --force-recreate "$@"
    ;;
esac
say "starting: $compose -f $file $*"
# shellcheck disable=SC2086 # `docker compose` is two words
$compose -f "$file" "$@"

# They are asked as their health checks ask them.
page=""
for name in registry member test-registry member-test1 member-test2; do
    container=netring-$name
    case $name in
    *registry) program=/netring-registry ;;
    *) program=/netring-member ;;
    esac
    case $file in
    test-*) case $name in *test*) ;; *) continue ;; esac ;;
    *) case $name in *test*) continue ;; esac ;;
    esac
    [ -n "$($engine ps -q --filter "name=^$container\$")" ] || continue
    tries=60
    until why=$($engine exec "$container" $program --healthcheck 2>&1); do
        tries=$((tries - 1))
        [ $tries -gt 0 ] || fail "$container is not healthy: $why. Look at: $engine logs $container"
        sleep 1
    done
    say "$container is healthy"
    case $name in *registry) page="http://$HOST_IP:8756" ;; esac
done

[ -z "$page" ] || say "the page is at $page"
say "to stop: (cd $(pwd) && $compose -f $file down)"
