#!/bin/sh
# Runs `make test` with each supported Python that is here; fails if one fails or none is found.
set -eu

find_interpreter() {
    for candidate in "python$1" "${HOME:-}/.pyenv/versions/$1".*/bin/python; do
        if "$candidate" -c '' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
}

tested=0
for version in 3.11 3.12 3.13; do
    interpreter=$(find_interpreter "$version")
    if [ -z "$interpreter" ]; then
        echo "Python $version: not here"
        continue
    fi
    echo "Python $version: $interpreter"
    make test PYTHON="$interpreter"
    tested=$((tested + 1))
done
[ "$tested" -gt 0 ]
