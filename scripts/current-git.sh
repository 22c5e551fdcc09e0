#!/bin/bash
# Gets a current git beside the system's, which stays as it is, and prints the directory to put first on the PATH.
# Debian only: git and its libraries are taken from Debian's newest suite, through the package source that this
# machine already has. Nothing is installed; root is not needed. Exits 3 with one line where it cannot be had.
#
#   BULKHEAD_CURRENT_GIT=$(scripts/current-git.sh) npm test
#
# Keeps what it got in ~/.cache/bulkhead-current-git (or the directory given); remove that to get a newer one.
set -euo pipefail

cannot() {
  echo "current-git: $1" >&2
  exit 3
}

cache=${1:-${XDG_CACHE_HOME:-$HOME/.cache}/bulkhead-current-git}
root=$cache/root
core=$root/usr/lib/git-core

# git looks for its commands in a path that is compiled in. A wrapper that sets GIT_EXEC_PATH would cost a process
# each time and be lost where a program clears GIT_* variables. So the path is replaced in the programs themselves,
# by one of the same length that links to where they are.
compiled=/usr/lib/git-core
link=/tmp/bh-git-$(printf %s "$cache" | md5sum | cut -c1-5)
[ ${#link} -eq ${#compiled} ] || cannot "the link's name has not the length that it must have"

link_programs() {
  if [ -e "$link" ] || [ -L "$link" ]; then
    [ -O "$link" ] && [ "$(readlink "$link")" = "$core" ] || cannot "$link exists and is not ours"
  else
    ln -s "$core" "$link"
  fi
}

finish() {
  link_programs
  [ "$("$root/usr/bin/git" --exec-path)" = "$link" ] || cannot "the git that was unpacked does not find its commands"
  echo "$root/usr/bin"
  exit 0
}
[ ! -e "$cache/complete" ] || finish

codename=$(. /etc/os-release 2>/dev/null && [ "${ID:-}" = debian ] && echo "${VERSION_CODENAME:-}") || true
[ -n "$codename" ] || cannot "this system is not Debian"
for tool in apt-get dpkg-deb; do command -v $tool >/dev/null || cannot "$tool is missing"; done

mkdir -p "$cache"
work=$(mktemp -d "$cache/work.XXXXXX")
trap 'rm -rf "$work"' EXIT

# The machine's own source of this system's packages, as one line of sources.list up to the suite.
own_source() {
  local file
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list; do
    [ ! -f "$file" ] || { cat "$file" && echo; }
  done | awk -v suite="$codename" '
    function stanza() {
      if (types ~ /(^| )deb( |$)/ && index(" " suites " ", " " suite " ") && !done++)
        print "deb " (signed == "" ? "" : "[signed-by=" signed "] ") uri
      types = suites = uri = signed = ""
    }
    /^[ \t]*$/ { stanza(); next }
    /^Types:/ { types = substr($0, 8) }
    /^Suites:/ { suites = substr($0, 9) }
    /^URIs:/ { uri = $2 }
    /^Signed-By:/ { signed = $2 }
    /^deb / {
      line = $0; options = ""
      if (match(line, /^deb +\[[^]]*\]/)) { options = substr(line, 1, RLENGTH); line = "deb" substr(line, RLENGTH + 1) }
      n = split(line, word, " ")
      if (word[3] == suite && !done++) print (options == "" ? "deb" : options) " " word[2]
    }
    END { stanza() }
  '
}
source=$(own_source)
[ -n "$source" ] || cannot "no package source for $codename is set up here"

# apt with lists, cache and installed packages of its own; only proxies and the like are the machine's.
private_apt() {
  local suite=$1 state=$work/$1
  shift
  if [ ! -d "$state" ]; then
    mkdir -p "$state/lists/partial" "$state/archives/partial"
    : >"$state/status"
    echo "$source $suite main" >"$state/sources.list"
  fi
  apt-get -q -y -o Dir::Etc::SourceList="$state/sources.list" -o Dir::Etc::SourceParts=/dev/null \
    -o Dir::State="$state" -o Dir::State::Lists="$state/lists" -o Dir::State::Status="$state/status" \
    -o Dir::Cache="$state" -o Dir::Cache::Archives="$state/archives" -o APT::Sandbox::User= \
    -o Acquire::Languages=none -o APT::Install-Recommends=false "$@" >>"$work/log" 2>&1
}

unpack() {
  local deb
  for deb in "$1"/*.deb; do dpkg-deb -x "$deb" "$2"; done
}

private_apt sid update || cannot "the package lists of Debian sid cannot be fetched"
# With no package installed, apt fetches git together with every library it needs.
private_apt sid install --download-only git || cannot "git cannot be fetched from Debian sid"
rm -rf "$root"
unpack "$work/sid/archives" "$root"

patchelf=$(command -v patchelf) || {
  private_apt "$codename" update && (cd "$work" && private_apt "$codename" download patchelf) ||
    cannot "patchelf is missing and cannot be fetched"
  unpack "$work" "$work/tools"
  patchelf=$work/tools/usr/bin/patchelf
}

loader=$(find "$root"/usr/lib -name 'ld-linux*.so*' | head -n 1)
[ -n "$loader" ] || cannot "the C library that was fetched has no loader"
libraries=$(dirname "$(find "$root"/usr/lib -name 'libc.so.6' | head -n 1)")
for program in "$root"/usr/bin/git* "$core"/*; do
  [ -f "$program" ] && [ ! -L "$program" ] && [ "$(head -c 4 "$program" | tail -c 3)" = ELF ] || continue
  "$patchelf" --force-rpath --set-interpreter "$loader" --set-rpath "$libraries" "$program" || cannot "patchelf failed"
  LC_ALL=C sed -i "s#$compiled\(\x00\)#$link\1#g" "$program"
done
touch "$cache/complete"
finish
