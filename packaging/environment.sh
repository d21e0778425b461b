# Shared by run and test. Wants $here; gives $root and set_up.
root=$(dirname -- "$here")

# Whether a set-up is complete: its stamp is a copy of all that decided it.
is_set_up() {
    [ -x "$root/.venv/bin/python" ] && [ -f "$root/.venv/$1.stamp" ] &&
        { printf '%s\n' "$root" && cat "$here/$2" "$root/pyproject.toml" "$here/setup_env.py" "$here/system_packages.py"; } |
        cmp -s - "$root/.venv/$1.stamp"
}

# Any whole Python from 3.8 on (Debian has halves) can look for the right one and do the rest.
searcher() {
    for python in python3 python3.14 python3.13 python3.12 python "$HOME"/.pyenv/versions/*/bin/python3 \
        "$(uv python find 2>/dev/null)"; do
        if "$python" -c 'import ctypes, json, sys; sys.exit(sys.version_info < (3, 8))' >/dev/null 2>&1; then
            echo "$python"
            return
        fi
    done
    echo "There is no Python on this machine. Install Python 3.12 or newer (Debian: apt install python3 python3-venv)." >&2
    return 2
}

# set_up base|test [--yes]
set_up() {
    case $1 in
        base) is_set_up base requirements.lock && return ;;
        test) is_set_up test requirements-test.lock && return ;;
    esac
    python=$(searcher) || return 2
    "$python" "$here/setup_env.py" "$@"
}
