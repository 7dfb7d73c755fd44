# Shell functions that tools/start, tools/test and their likes share. To be read with `.` from the root
# of the checkout, under `set -euo pipefail`.

# One build serves programs, tests, simulator and labs.
# Colours follow the terminal, and would make another build of it: one build, with or without.
swift_flags=(-c release -Xswiftc -enable-testing --no-color-diagnostics)
products=(starlingd starling meshctl)
bin=$PWD/.build/release

# What a fresh Debian 12 may lack: SQLite's headers, and what the Swift toolchain needs to compile C
# and to link; git fetches the Swift packages, Python runs the demo and the labs.
debian_packages=(
    libsqlite3-dev
    binutils libc6-dev libgcc-12-dev libstdc++-12-dev zlib1g-dev
    ca-certificates git python3
)

say() { printf '%s\n' "$*" >&2; }

# fail CODE MESSAGE: exit codes as everywhere in Starling: 1 could not be done, 64 wrong usage.
fail() {
    local code=$1
    shift
    say "$*"
    exit "$code"
}

require_swift() {
    command -v swift >/dev/null || fail 1 "There is no 'swift' on the PATH.
Starling needs a Swift 6.2 toolchain or later: see https://www.swift.org/install/linux/debian/12
Then put it on the PATH, for example: export PATH=/opt/swift/usr/bin:\$PATH"
    local version
    version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9][0-9.]*\).*/\1/p' | head -n 1)
    [ -n "$version" ] || fail 1 "'swift --version' gave no version. Is $(command -v swift) a whole toolchain?"
    if [ "$(printf '%s\n' 6.2 "$version" | sort -V | head -n 1)" != 6.2 ]; then
        fail 1 "$(command -v swift) is Swift $version; Starling needs 6.2 or later.
See https://www.swift.org/install/linux/debian/12"
    fi
}

# install_missing PACKAGE...: does nothing and asks nothing where all are there.
install_missing() {
    command -v dpkg-query >/dev/null || {
        say "This is no Debian: making sure that these are there is up to you: $*"
        return 0
    }
    local missing=() name
    for name in "$@"; do
        dpkg-query -W -f '${db:Status-Status}\n' "$name" 2>/dev/null | grep -qx installed ||
            missing+=("$name")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || fail 1 "Missing: ${missing[*]}
Install them as root:  apt-get install --no-install-recommends ${missing[*]}"
        as_root=(sudo)
        # Nobody could type a password.
        [ -t 0 ] || as_root=(sudo -n)
    fi
    say "Installing what is missing: ${missing[*]}"
    local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get)
    local install=("${apt[@]}" install -y -q --no-install-recommends "${missing[@]}")
    if ! "${install[@]}" >&2; then
        say "Fetching the list of packages first"
        "${apt[@]}" update -q >&2 && "${install[@]}" >&2 || fail 1 "apt-get could not install ${missing[*]}.
Try by hand:  ${as_root[*]} apt-get update && ${as_root[*]} apt-get install ${missing[*]}"
    fi
}

set_up() {
    require_swift
    install_missing "${debian_packages[@]}"
}

# build_products NAME...: the first time takes about seven minutes on two cores.
build_products() {
    local name
    [ -x "$bin/$1" ] || say "Building; the first time takes about seven minutes on two cores."
    for name in "$@"; do
        say "building $name"
        swift build "${swift_flags[@]}" --product "$name" >&2 ||
            fail 1 "$name did not build; the errors are above."
    done
}
