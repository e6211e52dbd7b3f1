#!/usr/bin/env bash
# Sets up what the checkout needs and the machine lacks: .venv with pinned packages, RabbitMQ, nginx; and, where there is
# apt-get, the font of PDF documents and the tools that read them back in tests.
# Does nothing, quickly, when all is there. Installs system packages as root or by sudo, and never starts or enables
# the services they bring: the local stack runs its own, private ones.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

STAMP=.venv/.cec-setup
LOG=.local/setup.log
POLICY=/usr/sbin/policy-rc.d
# The pinned packages are those for Python 3.11, so that one is preferred where there are several.
PYTHON=${PYTHON:-$(command -v python3.11 || echo python3)}
export PATH="$PATH:/usr/sbin:/sbin"

say() { printf '\033[1m%s\033[0m\n' "$*"; }
fail() {
    printf '\033[31m%s\033[0m\n' "$*" >&2
    exit 1
}

has_rabbitmq() { [ -n "${CEC_AMQP_URL:-}" ] || compgen -G '/usr/lib/rabbitmq/lib/rabbitmq_server-*' >/dev/null; }
has_nginx() { command -v nginx >/dev/null; }
has_font() { compgen -G '/usr/share/fonts/opentype/noto/NotoSansCJK-*' >/dev/null || fc-list 2>/dev/null | grep -q 'Noto Sans CJK TC'; }
has_poppler() { command -v pdftotext >/dev/null && command -v pdftoppm >/dev/null; }
has_venv() { [ -x .venv/bin/python ] || "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null; }

fingerprint() {
    sha256sum requirements.txt libs/*/pyproject.toml services/*/pyproject.toml deploy/local/pyproject.toml \
        deploy/local/setup.sh | sha256sum
    pwd # editable installs point here
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        if [ -t 0 ]; then sudo "$@"; else sudo -n "$@"; fi
    else
        return 1
    fi
}

# What to say when a package is missing and cannot be installed.
alternatives() {
    case "$1" in
    rabbitmq-server) echo "RabbitMQ is missing: install the package rabbitmq-server, or set CEC_AMQP_URL to a broker you have" ;;
    nginx-light) echo "nginx is missing: install the package nginx-light (or any nginx)" ;;
    python3-venv) echo "Python cannot make a virtual environment: install the package python3-venv, or set PYTHON to one that can" ;;
    esac
}

all_alternatives() {
    local line="" package
    for package in "$@"; do line+="${line:+; }$(alternatives "$package")"; done
    echo "$line"
}

guard_services() {
    # Debian asks this program before it starts a service it has just installed; 101 means no.
    if [ ! -e "$POLICY" ]; then
        as_root sh -c "printf '#!/bin/sh\nexit 101\n' >$POLICY && chmod 755 $POLICY" && GUARD=ours
    fi
}
unguard_services() {
    if [ "${GUARD:-}" = ours ]; then
        as_root rm -f "$POLICY"
        GUARD=
    fi
}

install_packages() {
    local missing=("$@") package
    say "安裝系統套件 / installing system packages: ${missing[*]}"
    if ! command -v apt-get >/dev/null || ! as_root true 2>/dev/null; then
        fail "$(all_alternatives "${missing[@]}") (to install it here I would need apt-get, and root or sudo)"
    fi
    trap unguard_services EXIT
    guard_services
    if ! { as_root apt-get update -qq &&
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >>"$LOG" 2>&1 </dev/null; then
        fail "$(all_alternatives "${missing[@]}") (apt-get failed, see $LOG)"
    fi
    unguard_services
    if [ -d /run/systemd/system ]; then
        for package in "${missing[@]}"; do
            case "$package" in
            rabbitmq-server) as_root systemctl disable --quiet rabbitmq-server epmd.socket >>"$LOG" 2>&1 || true ;;
            nginx-light) as_root systemctl disable --quiet nginx >>"$LOG" 2>&1 || true ;;
            esac
        done
    fi
}

# Without these the system runs: PDF documents are refused with a word on what to install, and their tests fail.
install_optional_packages() {
    local wanted=("$@")
    if command -v apt-get >/dev/null && as_root true 2>/dev/null; then
        say "安裝字型與 PDF 工具 / installing the font and the tools for PDF: ${wanted[*]}"
        if { as_root apt-get update -qq &&
            as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${wanted[@]}"; } >>"$LOG" 2>&1 </dev/null; then
            return
        fi
    fi
    say "⚠ 未能安裝 / not installed: ${wanted[*]} — PDF 匯出需要 fonts-noto-cjk / PDF documents need fonts-noto-cjk"
}

# Counts the packages that pip takes up, so that a slow network can be told from a hang.
count_packages() {
    awk -v total="$(grep -c '^[a-zA-Z].*==' requirements.txt)" -v log_file="$LOG" -v tty="$([ -t 1 ] && echo 1 || echo 0)" '
        function show(text) { printf "%s  %s%s", (tty ? "\r" : ""), text, (tty ? "\033[K" : "\n"); fflush() }
        { print >>log_file }
        /^(Collecting|Processing) / { n++; if (tty || n % 20 == 0) show(n "/" total) }
        /^Installing collected/ { show("安裝 / installing …") }
        END { if (tty) printf "\n" }'
}

install_python_packages() {
    if [ ! -x .venv/bin/python ]; then
        say "建立虛擬環境 / making .venv"
        "$PYTHON" -m venv .venv
    fi
    local pip=(.venv/bin/python -m pip --disable-pip-version-check --no-input)
    say "安裝 Python 套件 / installing Python packages"
    "${pip[@]}" install --require-hashes -r requirements.txt 2>>"$LOG" </dev/null | count_packages ||
        fail "pip failed: $(grep -m1 '^ERROR' "$LOG" || echo "see $LOG")"
    say "安裝本專案 / installing this project's own packages"
    local editable=()
    for package in libs/* services/* deploy/local; do
        if [ -f "$package/pyproject.toml" ]; then editable+=(-e "./$package"); fi
    done
    "${pip[@]}" install --quiet --no-deps --no-build-isolation "${editable[@]}" >>"$LOG" 2>&1 </dev/null ||
        fail "the project's own packages could not be installed, see $LOG"
}

missing=()
has_venv || missing+=(python3-venv)
has_rabbitmq || missing+=(rabbitmq-server)
has_nginx || missing+=(nginx-light)
optional=()
has_font || optional+=(fonts-noto-cjk)
has_poppler || optional+=(poppler-utils)
# What could not be installed once is not tried again at every start, only when the setup itself has changed.
if [ ${#missing[@]} = 0 ] && [ -f "$STAMP" ] && [ "$(cat "$STAMP")" = "$(fingerprint)" ]; then
    exit 0
fi

mkdir -p "$(dirname "$LOG")"
: >"$LOG"
"$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || [ -x .venv/bin/python ] ||
    fail "Python 3.11 or newer is missing: install the package python3, or set PYTHON to one"
if [ ${#missing[@]} -gt 0 ]; then install_packages "${missing[@]}"; fi
if [ ${#optional[@]} -gt 0 ]; then install_optional_packages "${optional[@]}"; fi
if [ ! -f "$STAMP" ] || [ "$(cat "$STAMP")" != "$(fingerprint)" ]; then
    install_python_packages
    fingerprint >"$STAMP"
fi
say "✓ 準備完成 / ready ($SECONDS s)"
