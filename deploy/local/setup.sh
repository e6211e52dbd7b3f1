#!/usr/bin/env bash
# Installs whatever is missing on a Debian machine with Python 3.11: the virtual environment, RabbitMQ and nginx.
# Quick when nothing is missing. Never starts Debian's own services.
set -euo pipefail
cd "$(dirname "$0")/../.."

say() { printf '  %s\n' "$*"; }
fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; elif command -v sudo >/dev/null; then sudo "$@"; else return 127; fi
}

apt_updated=no
guarded=no
unguard() { [ "$guarded" = no ] || as_root rm -f /usr/sbin/policy-rc.d; }
trap unguard EXIT

# While this file says 101, Debian's package scripts start no service: the machine's own node and server stay off.
guard_services() {
    [ "$guarded" = yes ] || [ -e /usr/sbin/policy-rc.d ] && return 0
    as_root sh -c 'printf "#!/bin/sh\nexit 101\n" >/usr/sbin/policy-rc.d && chmod 755 /usr/sbin/policy-rc.d' && guarded=yes
}

# install PACKAGE WHY-IT-IS-NEEDED-AND-WHAT-ELSE-WOULD-DO
install() {
    say "installing $1 …"
    command -v apt-get >/dev/null || fail "$1 is missing and there is no apt-get; $2"
    guard_services || fail "$1 is missing and neither root nor sudo is at hand; $2"
    if [ $apt_updated = no ]; then
        as_root apt-get update -qq >/dev/null 2>&1 || true
        apt_updated=yes
    fi
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$1" >/dev/null 2>&1 ||
        fail "$1 is missing and could not be installed; $2"
}

python=
for candidate in python3.11 python3; do
    if command -v "$candidate" >/dev/null && "$candidate" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))'; then
        python=$candidate
        break
    fi
done
[ -n "$python" ] || install python3 "install Python 3.11"
python=${python:-python3}

if [ -z "${CEC_AMQP_URL:-}" ] && [ ! -x /usr/lib/rabbitmq/bin/rabbitmq-server ]; then
    install rabbitmq-server "install RabbitMQ, or set CEC_AMQP_URL to a broker that exists"
fi
if ! command -v nginx >/dev/null && [ ! -x /usr/sbin/nginx ]; then
    install nginx-light "install nginx"
fi

stamp=.venv/.cec-setup
wanted=$(cat requirements.txt libs/*/pyproject.toml services/*/pyproject.toml deploy/local/pyproject.toml | sha256sum)
if [ ! -f $stamp ] || [ "$(cat $stamp)" != "$wanted" ]; then
    if [ ! -x .venv/bin/python ]; then
        "$python" -c 'import ensurepip, venv' 2>/dev/null || install python3-venv "install Python's venv module"
        say "making .venv …"
        "$python" -m venv .venv
    fi
    say "installing pinned packages …"
    .venv/bin/pip install -q --disable-pip-version-check --require-hashes -r requirements.txt ||
        fail "the pinned packages could not be installed; is a package registry reachable?"
    say "installing the packages of this checkout …"
    editable=()
    for package in libs/contracts libs/chassis services/* deploy/local; do editable+=(-e "$package"); done
    .venv/bin/pip install -q --disable-pip-version-check --no-deps --no-build-isolation "${editable[@]}"
    printf '%s' "$wanted" >$stamp
fi
