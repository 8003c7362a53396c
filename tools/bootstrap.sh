#!/bin/sh
# Makes the virtual environment VENV and installs what LOCK names, by wheels; with
# requirements.lock, the usual one, the checkout too.
# Quick when nothing has changed; fills or mends a half-made environment in place.
# usage: tools/bootstrap.sh VENV [PYTHON [LOCK]]
set -eu
cd "$(dirname "$0")/.."
here=$(pwd -P)
venv=$1
python=${2:-}
lock=${3:-requirements.lock}

give_up() {
    echo "quantloom: $1" >&2
    exit 1
}

fits() {
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null
}

find_python() {
    if [ -n "$python" ]; then
        fits "$python" || give_up "$python is not Python 3.11, 3.12 or 3.13; name one by PYTHON=..."
        return
    fi
    for candidate in python3 python3.13 python3.12 python3.11; do
        if fits "$candidate"; then
            python=$candidate
            return
        fi
    done
}

# Changes when the lock, the project's own metadata, the interpreter or the checkout's place does.
fingerprint() {
    echo "$here" "$("$venv/bin/python" -V 2>&1)"
    cksum "$lock" pyproject.toml
}

is_ready() {
    [ -f "$venv/.ready" ] && fingerprint 2>/dev/null | cmp -s - "$venv/.ready"
}

wants_checkout() {
    [ "$lock" = requirements.lock ]
}

# Plain Python that akshare needs and that was never published as a wheel.
from_source() {
    [ "$lock" != requirements-vendors.lock ] || echo "--no-binary jsonpath"
}

# A moved environment still runs, but its scripts point at the old place.
is_usable() {
    grep -qsF "$here/$venv" "$venv/bin/activate" && fits "$venv/bin/python"
}

fill_by_uv() {
    command -v uv >/dev/null || return 1
    is_usable || uv venv --quiet --clear --python "${python:->=3.11,<3.14}" "$venv" || return 1
    # shellcheck disable=SC2046  one option and its value, or nothing
    uv pip install --quiet --python "$venv/bin/python" \
        --no-deps --require-hashes --only-binary :all: $(from_source) -r "$lock" || return 1
    ! wants_checkout ||
        uv pip install --quiet --python "$venv/bin/python" --no-deps --no-build-isolation -e .
}

has_venv() {
    [ -n "$python" ] && "$python" -c 'import ensurepip, venv' 2>/dev/null
}

need_venv() {
    has_venv && return
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "quantloom: installing python3-venv by apt-get"
        (
            export DEBIAN_FRONTEND=noninteractive
            apt-get install -qq -y python3-venv || {
                apt-get update -qq && apt-get install -qq -y python3-venv
            }
        ) >/dev/null 2>&1 || true
        find_python
        has_venv && return
    fi
    [ -n "$python" ] || give_up "no Python 3.11, 3.12 or 3.13 found; install one, or uv"
    give_up "$python has no venv; as root run: apt-get install python3-venv (or install uv)"
}

fill_by_pip() {
    need_venv
    if ! is_usable || ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
        "$python" -m venv --clear "$venv"
    fi
    set -- "$venv/bin/python" -m pip install -qq --disable-pip-version-check --no-deps
    # shellcheck disable=SC2046  one option and its value, or nothing
    "$@" --no-compile --require-hashes --only-binary :all: $(from_source) -r "$lock"
    ! wants_checkout || "$@" --no-build-isolation -e .
}

# Two makes at once must not fill one environment together.
if command -v flock >/dev/null; then
    exec 9<"$lock"
    flock 9
fi
is_ready && exit 0

find_python
command -v uv >/dev/null || need_venv
echo "quantloom: filling $venv (once; a minute or two)"
rm -f "$venv/.ready"
fill_by_uv || fill_by_pip
# The worker may write no bytecode, and would compile all of a vendor's package every time.
[ "$lock" != requirements-vendors.lock ] || "$venv/bin/python" -m compileall -q "$venv/lib" || true
fingerprint >"$venv/.ready"
