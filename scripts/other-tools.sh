#!/bin/bash
# Gets programs of others that tests meet as their users do, beside the system's, which stays as it is: package
# managers (pnpm, both yarns, bun) and tools that install git hooks (git-lfs, prek). Prints the directory that holds
# them; what cannot be had is said on stderr and left out. Nothing is installed; root is not needed.
#
#   BULKHEAD_TOOLS=$(scripts/other-tools.sh) npm test
#
# Keeps what it got in ~/.cache/bulkhead-tools (or the directory given), by version; remove that to get it anew.
set -euo pipefail

cache=${1:-${XDG_CACHE_HOME:-$HOME/.cache}/bulkhead-tools}
# Pinned, so that a new release of somebody else's fails no test of ours.
packages=(pnpm@12.21.0 yarn-classic@npm:yarn@1.22.22 @yarnpkg/cli-dist@4.18.1 bun@1.4.5 @j178/prek@0.5.3)
key=$(printf '%s\n' "${packages[@]}" | cksum | cut -d' ' -f1)
root=$cache/$key bin=$cache/$key/bin
mkdir -p "$bin"

say() { echo "other-tools: $1" >&2; }

# script <name> <line…>: a program of that name, written whole or not at all.
script() {
  local made=$bin/.$1.$$
  printf '#!/bin/sh\n%s\n' "$2" >"$made"
  chmod 755 "$made"
  mv "$made" "$bin/$1"
}

# link <name> <program>: only what starts is there.
link() {
  if ! "$2" --version >/dev/null 2>&1; then
    say "$1 cannot be had here"
    return
  fi
  script "$1" "exec '$2' \"\$@\""
}

get_packages() {
  [ ! -e "$root/packages" ] || return 0
  local work
  work=$(mktemp -d "$cache/work.XXXXXX")
  # No install script runs; each of these brings its binaries as packages of its own.
  if ! (cd "$work" && echo '{"private":true}' >package.json &&
    npm install --ignore-scripts --no-audit --no-fund --loglevel=error "${packages[@]}") >&2; then
    rm -rf "$work"
    say "npm packages cannot be fetched: no pnpm, yarn, bun and prek"
    return 0
  fi
  mv "$work" "$root/packages"
  local modules=$root/packages/node_modules found
  script yarn-classic "exec node '$modules/yarn-classic/bin/yarn.js' \"\$@\""
  script yarn-berry "exec node '$modules/@yarnpkg/cli-dist/bin/yarn.js' \"\$@\""
  script prek "exec node '$modules/@j178/prek/bin/prek.js' \"\$@\""
  script pnpm "exec '$modules/.bin/pnpm' \"\$@\""
  for found in "$modules"/@oven/bun-*/bin/bun; do
    [ ! -x "$found" ] || { link bun "$found" && script bunx "exec '$found' x \"\$@\""; }
  done
}

get_git_lfs() {
  [ ! -e "$bin/git-lfs" ] || return 0
  if command -v git-lfs >/dev/null; then
    ln -sf "$(command -v git-lfs)" "$bin/git-lfs"
    return
  fi
  local work
  work=$(mktemp -d "$cache/work.XXXXXX")
  # Debian's, taken apart: its hooks need no more than the program.
  if command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null &&
    (cd "$work" && { apt-get -q download git-lfs || { apt-get -q update && apt-get -q download git-lfs; }; } >log 2>&1 &&
      dpkg-deb -x git-lfs_*.deb root); then
    mv "$work/root/usr/bin/git-lfs" "$bin/git-lfs"
  else
    say "git-lfs cannot be had here"
  fi
  rm -rf "$work"
}

get_packages
get_git_lfs
echo "$bin"
