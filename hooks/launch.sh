#!/bin/sh
# Runs Bulkhead in any worktree of this clone: what `git bulkhead` starts. `bulkhead init` puts this file into <common git dir>/bulkhead.
#
# There may be no `node_modules` where it is called, no `npx`, and a PATH without node. So `init` records where the program
# and its node are; when they have moved since, the usual places are tried, and when all fails one sentence says what to do.

home=${0%/*}
main= node= cli=
[ ! -r "$home/guard.conf" ] || . "$home/guard.conf"

# git runs an alias at the worktree's top, with the directory of the caller in GIT_PREFIX and itself bound to this worktree.
[ -z "${GIT_PREFIX-}" ] || cd "./$GIT_PREFIX" || exit 3
unset GIT_DIR GIT_WORK_TREE GIT_PREFIX GIT_INDEX_FILE GIT_COMMON_DIR

if [ ! -x "$node" ]; then
  node=
  for candidate in "$(command -v node)" /usr/local/bin/node /usr/bin/node /opt/homebrew/bin/node "$HOME/.local/bin/node" "$HOME/.volta/bin/node"; do
    [ ! -x "$candidate" ] || { node=$candidate && break; }
  done
fi

# A clone that was moved has its packages where its main checkout is now.
[ -z "$main" ] || [ -d "$main" ] || main=
[ -n "$main" ] || case $home in */.git/bulkhead) main=${home%/.git/bulkhead} ;; esac
if [ ! -f "$cli" ]; then
  for candidate in "$main/node_modules/bulkhead/dist/cli.js" ./node_modules/bulkhead/dist/cli.js \
    "$main"/.yarn/unplugged/bulkhead-*/node_modules/bulkhead/dist/cli.js; do
    [ ! -f "$candidate" ] || { cli=$candidate && break; }
  done
fi

if [ -n "$node" ]; then
  if [ -n "$main" ] && [ -f "$main/.pnp.cjs" ]; then
    # Yarn's Plug'n'Play: packages are found by its own loader, and the program may lie inside an archive.
    case $cli in
    "$main"/*)
      set -- "$cli" "$@"
      [ ! -f "$main/.pnp.loader.mjs" ] || set -- --experimental-loader "file://$main/.pnp.loader.mjs" "$@"
      exec "$node" --no-warnings --require "$main/.pnp.cjs" "$@"
      ;;
    esac
  fi
  [ ! -f "$cli" ] || exec "$node" "$cli" "$@"
  other=$(command -v bulkhead) && [ -x "$other" ] && exec "$other" "$@"
fi

if [ -z "$node" ]; then
  echo "bulkhead: node is not where it was when this clone was set up, nor on the PATH." >&2
  echo "Nothing was done. Install Node 20.19 or newer, then run Bulkhead's init in this clone once more." >&2
else
  echo "bulkhead: its program is no longer where it was: $cli" >&2
  echo "Nothing was done. Install it again (npm i -D bulkhead, or npm i -g bulkhead), then run: npx bulkhead init" >&2
fi
exit 3
