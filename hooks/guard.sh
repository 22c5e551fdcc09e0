#!/bin/sh
# Bulkhead's guard. `bulkhead init` copies this file to <common git dir>/bulkhead/hooks/<hook name>,
# one copy for each hook that is armed, and git runs the copies (core.hooksPath).
#
# It decides the usual case without starting a process: the expectation file and HEAD agree. Whatever
# it is not sure of goes to the full guard (guard.mjs, started with node), so it may allow only what
# the full guard allows; it never refuses by itself unless the full guard cannot be started.
#
# Written for the oldest common ground: POSIX sh, as in dash, busybox and bash. For speed the usual
# case comes first and ends early (a shell parses only as far as it runs), `[ -r file ]` stands where
# `2>/dev/null` would cost five system calls, and the build drops comments and indentation.

# Branch names are bytes: in another locale bash takes a newline after a broken UTF-8 character for part of it.
locale=${LC_ALL-}
LC_ALL=C
hook=${0##*/}
home=${0%/hooks/*}

# Most calls end here: git announces several states of each transaction, one of them can be refused.
case $hook:$1 in
reference-transaction:prepared) ;;
reference-transaction:*) [ -e "$home/chain.reference-transaction" ] || exit 0 ;;
esac

LF='
'
spaces=$IFS
lines= heads= head_moves= own_line= slow= new_value= keep_all= head_read=

if [ "$hook:$1" = reference-transaction:prepared ]; then
  # Branch lines are kept for the full guard; lines of other refs only while they are few, because
  # appending to a long text is slow and nothing depends on all of them.
  [ ! -e "$home/chain.reference-transaction" ] || keep_all=1
  while read -r old new ref; do
    case $ref in
    refs/heads/*)
      lines=$lines$old\ $new\ $ref$LF
      case $heads in '' | "$ref") heads=$ref new_value=$new ;; *) slow=1 ;; esac
      # Deleting, renaming and pruning look alike here; `ref:…` makes the branch another name of one.
      case $new in *[!0-9a-f]*) slow=1 ;; *[!0]*) ;; *) slow=1 ;; esac
      [ -z "$slow" ] || [ -n "$keep_all" ] || break
      continue
      ;;
    HEAD)
      case $new in ref:*) ;; *) head_moves=1 ;; esac
      ;;
    ORIG_HEAD)
      # A merge, a fast-forward and a pull say so here, before they change any file.
      case ${GIT_REFLOG_ACTION-} in merge* | pull*) own_line=1 ;; esac
      ;;
    *)
      [ -n "$keep_all" ] || [ ${#lines} -lt 9999 ] || continue
      ;;
    esac
    lines=$lines$old\ $new\ $ref$LF
  done
  [ -n "$heads$head_moves$own_line$slow$keep_all" ] || exit 0
fi

if [ ! -r "$home/guard.conf" ]; then
  echo "bulkhead: the guard of this clone is incomplete: $home/guard.conf cannot be read." >&2
  echo "Nothing was changed. Arm it again with: npx bulkhead init" >&2
  exit 1
fi
main= chain= protect= require_session= node=
. "$home/guard.conf"
common=${home%/bulkhead}

# Sets top from the file in which git notes where a linked worktree is; empty when only part of it can be read.
read_top() {
  top=
  IFS= read -r top <"$1/gitdir"
  case $top in
  /*/.git | [A-Za-z]:*/.git) top=${top%/.git} ;;
  */.git) top=$1/${top%/.git} ;;
  *) top= ;;
  esac
}

git_dir=${GIT_DIR:-.git}
# `git worktree add` runs post-checkout in the new worktree without GIT_DIR.
if [ "$git_dir" = .git ] && [ -f .git ] && [ -r .git ]; then
  read -r git_dir <.git
  git_dir=${git_dir#gitdir: }
fi
top=$main linked=
if [ -r "$git_dir/gitdir" ]; then
  linked=1
  read_top "$git_dir"
elif [ -e "$git_dir/commondir" ]; then
  linked=1 top=
fi
# Sets branch (what HEAD names, or what a rebase in progress will put it back on) and detached.
read_head() {
  branch= detached= head_read=1
  [ ! -r "$git_dir/HEAD" ] || IFS= read -r branch <"$git_dir/HEAD"
  case $branch in
  'ref: refs/heads/.invalid' | *[[:space:]]) branch= ;;
  'ref: refs/heads/'*) branch=${branch#ref: } ;;
  *[!0-9a-f]*) branch= ;;
  ????????????????????????????????????????*)
    branch=
    # As a link, HEAD is no hash but the branch that it leads to.
    [ ! -L "$git_dir/HEAD" ] || return 0
    detached=1
    for state in rebase-apply rebase-merge; do
      [ ! -r "$git_dir/$state/head-name" ] || { branch= && IFS= read -r branch <"$git_dir/$state/head-name"; }
    done
    ;;
  *) branch= ;;
  esac
}

# Sets expected from a session file in exactly the layout that Bulkhead writes; fails on any other. Without backslashes
# every quote is JSON's own, so splitting the text at quotes takes it apart.
read_expected() {
  expected=
  IFS= read -r a
  IFS= read -r b
  IFS= read -r c
  IFS= read -r d
  IFS= read -r e
  IFS= read -r f
  case $a$b$c$d$e$f in *[[:cntrl:]\\]*) return 1 ;; esac
  text=$LF$a$LF$b$LF$c$LF$d$LF$e$LF$f
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in *[[:cntrl:]\\]*) return 1 ;; esac
    text=$text$LF$line
    # The full guard takes no file of more than 64 KiB.
    [ ${#text} -lt 16000 ] || return 1
  done
  set -f
  IFS=\"
  set -- $text
  IFS=$spaces
  set +f
  # The quotes are put back, so that none may stand elsewhere than where it belongs.
  [ "$1\"$2\"$3|$5\"$6\"$7|$9\"${10}\"${11}|${13}\"${14}\"${15}|${17}\"${18}\"${19}" = "$LF{$LF  \"session\": |,$LF  \"expectedBranch\": |,$LF  \"createdAt\": |,$LF  \"hostname\": |,$LF  \"repoRoot\": " ] || return 1
  expected=$8
  shift 20
  while [ $# -gt 1 ]; do
    [ "$1" = ",$LF  " ] || return 1
    case $2\"$3 in
    'sdKey": ' | 'sessionId": ') shift 4 ;;
    'claimEpoch": '[1-9]*)
      value=${3#: }
      number=${value%%[!0-9]*}
      case $number in ????????????????*) return 1 ;; esac
      shift 3
      set -- "${value#"$number"}" "$@"
      ;;
    *) return 1 ;;
    esac
  done
  [ "$1" = "$LF}" ] || return 1
  case $expected in
  '' | HEAD | -* | /* | */ | *//*) return 1 ;;
  *[!A-Za-z0-9/_-]*)
    case $expected in
    @ | .* | *. | *.lock | */.* | *.lock/* | *..* | *@\{* | *[\ ~^:?*[]*) return 1 ;;
    esac
    ;;
  esac
}

# The usual case first: a session file, HEAD on its branch, nothing else moved.
case $hook in
pre-rebase)
  # A second argument names another branch, which git checks out first.
  [ -z "${2-}" ] || slow=1
  ;;
post-checkout)
  # A new worktree (old value all zeros) gets its session file.
  case $1 in *[!0]*) ;; *) slow=1 ;; esac
  ;;
esac
# Whether this user may write the log: it only informs, so another user's is left alone without a word.
may_log() {
  [ -w "$home/seen.log" ] || { [ ! -e "$home/seen.log" ] && [ -w "$home" ]; }
}

file=$top/.session.json allowed=
case $hook in pre-push | commit-msg | prepare-commit-msg | post-commit) judged= ;; *) judged=1 ;; esac
if [ -n "$top" ] && [ -n "$judged" ] && [ -z "$slow${SKIP_BRANCH_GUARD-}${BRANCH_GUARD_ALLOW_UNKNOWN-}$protect" ] && [ -f "$file" ] && [ -r "$file" ]; then
  read_head
  if read_expected <"$file" && [ "$branch" = "refs/heads/$expected" ]; then
    case $heads in '' | "$branch") allowed=1 ;; esac
  fi
fi
if [ "$hook$allowed" = reference-transaction1 ] && [ "$1" = prepared ]; then
  # What the guard saw, so that commits made with hooks off can be told apart later.
  [ -z "$heads" ] || ! may_log || echo "$new_value $heads" >>"$home/seen.log"
  [ -n "$keep_all" ] || [ -e "$home/hooks/pre-commit.old" ] || exit 0
  heads=
fi
# Nobody else's hooks, and none that came since the last init: their directory would be newer.
if [ "$hook$allowed$chain" = pre-commit1 ] && [ ! -x "$common/hooks/pre-commit" ] && [ ! -e "$main/.husky/_/h" ] && [ ! -e .husky/_/h ] &&
  [ ! -e "$git_dir/bulkhead-worktree/chain.conf" ]; then
  [ "$home/hooks" -nt "$home/gitconfig" ] || [ "$common/hooks" -nt "$home/gitconfig" ] || exit 0
fi

# Whether another worktree's session expects the branch, or may do so. Reading each worktree's session file would be
# slow (dash reads byte by byte): the ref that Bulkhead noted is enough while the file is not newer.
is_expected_elsewhere() {
  for dir in "$common"/worktrees/*; do
    note=$dir/bulkhead-worktree/expected other=
    [ ! -r "$note" ] || IFS= read -r other <"$note"
    [ "$other" != "$branch" ] || return 0
    [ -r "$dir/gitdir" ] || continue
    read_top "$dir"
    file=$top/.session.json
    if [ -z "$top" ] || [ -L "$file" ] || [ -L "$top/.worktree.json" ]; then return 0; fi
    if [ -e "$file" ]; then
      [ -n "$other" ] && ! [ "$file" -nt "$note" ] || return 0
    elif [ -e "$top/.worktree.json" ]; then
      return 0
    fi
  done
  return 1
}

# Whether this worktree may move the branch its HEAD is on: succeeds only when that is certain.
allows() {
  [ -z "$allowed" ] || return 0
  [ -n "$top" ] && [ -z "$slow${SKIP_BRANCH_GUARD-}${BRANCH_GUARD_ALLOW_UNKNOWN-}" ] || return 1
  [ -n "$head_read" ] || read_head
  if [ -f "$file" ] && [ -r "$file" ]; then
    read_expected <"$file" || return 1
    [ "$branch" = "refs/heads/$expected" ] || return 1
  else
    # Nobody's session: allowed in the main checkout. A link that leads nowhere is a broken file.
    [ -z "$linked$require_session" ] || return 1
    [ ! -e "$file" ] && [ ! -L "$file" ] && [ ! -e "$top/.worktree.json" ] && [ ! -L "$top/.worktree.json" ] || return 1
    case $branch in
    refs/heads/*) is_expected_elsewhere && return 1 ;;
    # Detached, and no branch is moved. (A HEAD that could not be read is not detached.)
    *) [ -n "$detached" ] && [ -z "$heads" ] || return 1 ;;
    esac
  fi
  [ -z "$heads" ] || [ "$heads" = "$branch" ] || return 1
  [ -n "$protect" ] || return 0
  set -f
  for pattern in $protect; do
    case ${branch#refs/heads/} in $pattern) set +f && return 1 ;; esac
  done
  set +f
}

# Whether anything is known that forbids ending here: then what follows looks closer.
case $hook in
pre-commit | pre-merge-commit | applypatch-msg | pre-rebase)
  ! allows || allowed=1
  ;;
post-checkout)
  # Only a change of branch matters. A new worktree (old value all zeros) gets its session file.
  case ${3-}:${1-} in
  1:*[!0]*) if [ -n "$linked" ] || [ -e "$top/.session.json" ]; then ! allows || allowed=1; else allowed=1; fi ;;
  1:*) allowed= ;;
  *) allowed=1 ;;
  esac
  ;;
reference-transaction)
  if [ "$1" != prepared ] || [ -z "$heads$head_moves$own_line$slow" ]; then
    allowed=1
  else
    [ -n "$head_read" ] || read_head
    if [ -z "$heads$own_line$slow$detached" ] && [ -n "$branch" ]; then
      # HEAD alone moves, to be detached: a checkout, a bisect, the start of a rebase.
      allowed=1
    elif allows; then
      allowed=1
      # What the guard saw, so that commits made with hooks off can be told apart later.
      [ -z "$heads" ] || ! may_log || echo "$new_value $heads" >>"$home/seen.log"
    fi
  fi
  # States other than prepared come here only when somebody else's hook wants them.
  [ -z "$allowed" ] || [ -n "$keep_all" ] || [ "$1" != prepared ] || [ -e "$home/hooks/pre-commit.old" ] || exit 0
  ;;
pre-push) ;;
*) allowed=1 ;;
esac

# A worktree's own hooks path (config.worktree), and a husky that came after the last init.
if [ -r "$git_dir/bulkhead-worktree/chain.conf" ]; then
  . "$git_dir/bulkhead-worktree/chain.conf"
elif [ -z "$chain" ] && { [ -f .husky/_/h ] || [ -f "$main/.husky/_/h" ]; }; then
  chain=.husky/_
fi
used=${chain:-$common/hooks}
chained=$used/$hook
foreign=
# A hook that came with a pull or a tool since the last init is armed as soon as it is seen; its directory is then newer.
scripts=$used
case $chain in */_) scripts=${chain%/_} ;; esac
if [ "$hook" != pre-commit ]; then
  [ ! -e "$home/hooks/pre-commit.old" ] || foreign=1
elif [ "$home/hooks" -nt "$home/gitconfig" ] || [ "$scripts" -nt "$home/gitconfig" ]; then
  for name in pre-commit pre-push post-checkout pre-merge-commit pre-rebase applypatch-msg; do
    [ ! -e "$home/hooks/$name.old" ] || foreign=1
  done
  for name in commit-msg prepare-commit-msg post-commit post-merge post-rewrite pre-applypatch post-applypatch pre-auto-gc post-index-change sendemail-validate; do
    [ -e "$scripts/$name" ] || continue
    [ -e "$home/hooks/$name" ] || { [ ! -x "$scripts/$name" ] && [ "$scripts" = "$used" ]; } ||
      cp -p "$0" "$home/hooks/$name"
  done
  [ ! -x "$used/reference-transaction" ] || [ -e "$home/chain.reference-transaction" ] ||
    : >"$home/chain.reference-transaction"
fi

# husky's own directory is git-ignored, so a linked worktree may lack it: its runtime in the main
# checkout then runs this worktree's script.
husky=
case $chain in
*/_) [ -e "$chain/h" ] || [ ! -f "$main/$chain/h" ] || [ ! -f "${chain%/_}/$hook" ] || husky=$main/$chain/h ;;
esac

# The usual case ends here.
if [ -n "$allowed" ] && [ -z "$husky" ] && [ ! -x "$chained" ] && [ -z "$foreign" ]; then exit 0; fi

# What comes now may speak the person's language.
if [ -n "$locale" ]; then LC_ALL=$locale; else unset LC_ALL; fi

full_guard() {
  [ -x "$node" ] || node=$(command -v node) || node=
  if [ -z "$node" ] || [ ! -r "$home/guard.mjs" ]; then
    echo "bulkhead: this needs the full guard, which could not be started (node or $home/guard.mjs is missing)." >&2
    echo "It was refused to be safe, nothing was changed. Arm the guard again with: npx bulkhead init" >&2
    return 1
  fi
  BULKHEAD_GIT_PID=$PPID NODE_OPTIONS= "$node" "$home/guard.mjs" "$@"
}

# lefthook installs into whatever directory core.hooksPath names: its files are moved to where they belong.
[ -z "$foreign" ] || full_guard reclaim

if [ -z "$allowed" ]; then
  case $hook in
  reference-transaction)
    if [ -n "$slow" ]; then
      { printf %s "$lines" && cat; } | full_guard "$hook" "$@" || exit 1
    else
      printf %s "$lines" | full_guard "$hook" "$@" || exit 1
    fi
    ;;
  pre-push)
    while IFS= read -r line; do lines=$lines$line$LF; done
    printf %s "$lines" | full_guard "$hook" "$@" || exit 1
    ;;
  post-checkout) full_guard "$hook" "$@" ;;
  *) full_guard "$hook" "$@" || exit 1 ;;
  esac
fi

# One that is not known yet would get only a part of what git says; the next commit makes it known.
case $hook in reference-transaction) [ -e "$home/chain.reference-transaction" ] || exit 0 ;; esac

# The hook that would have run without Bulkhead.
if [ -n "$husky" ]; then
  BULKHEAD_HUSKY=$husky PATH=$PATH:$main/node_modules/.bin
  export BULKHEAD_HUSKY PATH
  set -- sh -c '. "$BULKHEAD_HUSKY"' "$PWD/$chained" "$@"
elif [ -x "$chained" ] && [ ! -d "$chained" ]; then
  set -- "$chained" "$@"
else
  exit 0
fi
case $hook in
pre-push) printf %s "$lines" | "$@" ;;
reference-transaction) if [ -n "$lines" ]; then printf %s "$lines" | "$@"; else exec "$@"; fi ;;
*) exec "$@" ;;
esac
