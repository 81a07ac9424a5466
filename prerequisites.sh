#!/bin/sh
# Says in one line what this machine lacks to make the environment, before anything is downloaded.
#   sh prerequisites.sh python PYTHON   is it new enough, and can it make an environment?
#   sh prerequisites.sh index PYTHON    does the package index answer the pip of this environment?
# Runs in any POSIX shell, and asks nothing of PYTHON that an old one does not know.

lacks() {
    echo "benchbench: $1" >&2
    exit 1
}

python() {
    version=$("$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) ||
        lacks "no Python answers to $1; install Python 3.11 or newer, or say where it is: make bench PYTHON=python3.11"
    case $version in
        3.[0-9] | 3.10 | [012].*)
            lacks "$1 is Python $version, and 3.11 or newer is needed; if you have one: make bench PYTHON=python3.11" ;;
    esac
    "$1" -c 'import venv, ensurepip' 2>/dev/null ||
        lacks "$1 cannot make environments: it has no venv; on Debian and Ubuntu: apt install python$version-venv"
}

index() {
    said=$("$1" -m pip install --dry-run --no-deps --quiet --retries 0 --timeout 15 -c constraints.txt packaging 2>&1) ||
        lacks "no package index answers: $(echo "$said" | grep ERROR | tail -n 1); is there a network, and does it need \
a proxy (HTTPS_PROXY) or an index of its own (PIP_INDEX_URL)?"
}

"$1" "$2"
