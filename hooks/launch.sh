#!/bin/sh
# Runs Bulkhead in any worktree of this clone: what `git bulkhead` starts. `bulkhead init` puts this file into <common git dir>/bulkhead.
#
# There may be no `node_modules` where it is called, no `npx`, and a PATH without node. So `init` records where the program
# and its node are; when they have moved since, the usual places are tried, and when all fails one sentence says what to do.

home=${0%/*}
common=${home%/bulkhead}
main= node= cli= pnp=
[ ! -r "$home/guard.conf" ] || . "$home/guard.conf"
# What moves together with the clone is named from its git directory, not from where the caller stands.
case $main in ..*) main=$(CDPATH= cd -- "$common/$main" 2>/dev/null && pwd) ;; esac

# git runs an alias at the worktree's top, with the directory of the caller in GIT_PREFIX and itself bound to this worktree.
[ -z "${GIT_PREFIX-}" ] || cd "./$GIT_PREFIX" || exit 3
unset GIT_DIR GIT_WORK_TREE GIT_PREFIX GIT_INDEX_FILE GIT_COMMON_DIR

if [ ! -x "$node" ]; then
  node=
  for candidate in "$(command -v node)" /usr/local/bin/node /usr/bin/node /opt/homebrew/bin/node "$HOME/.local/bin/node" "$HOME/.volta/bin/node"; do
    [ ! -x "$candidate" ] || { node=$candidate && break; }
  done
fi

# Where git keeps a file, whatever a branch brings stands in it: that is no program to run.
is_tracked() {
  [ -n "$(git --literal-pathspecs -C "$main" ls-files -- "$1" 2>/dev/null)" ]
}

if [ -n "$node" ] && [ -n "$pnp" ]; then
  # Set up under Yarn's Plug'n'Play: packages are found by its own loader, and the program may lie inside an archive.
  [ -f "$pnp" ] || pnp=$main/.pnp.cjs
  if [ -f "$pnp" ]; then
    set -- "$cli" "$@"
    loader=${pnp%.cjs}.loader.mjs
    [ ! -f "$loader" ] || set -- --experimental-loader "file://$loader" "$@"
    exec "$node" --no-warnings --require "$pnp" "$@"
  fi
fi
tracked=
if [ -n "$node" ]; then
  # A clone that was moved has its packages where its main checkout is now.
  program=$cli
  [ -f "$program" ] || [ -z "$main" ] || program=$main/node_modules/bulkhead/dist/cli.js
  if [ -f "$program" ]; then
    case $program in "${main:-/nowhere}"/*) ! is_tracked "$program" || tracked=1 ;; esac
    [ -n "$tracked" ] || exec "$node" "$program" "$@"
  fi
  other=$(command -v bulkhead) && [ -x "$other" ] && exec "$other" "$@"
fi

if [ -z "$node" ]; then
  echo "bulkhead: node is not where it was when this clone was set up, nor on the PATH." >&2
  echo "Nothing was done. Install Node 20.19 or newer, then run Bulkhead's init in this clone once more." >&2
elif [ -n "$tracked" ]; then
  echo "bulkhead: its program is a file that git tracks, so any branch could change what runs: $program" >&2
  echo "Nothing was done. Take it out of git (git rm -r --cached node_modules), or install it globally (npm i -g bulkhead)." >&2
else
  echo "bulkhead: its program is no longer where it was: $cli" >&2
  echo "Nothing was done. Install it again as it was (npm i -D bulkhead, or npm i -g bulkhead), then run: git bulkhead init" >&2
fi
exit 3
