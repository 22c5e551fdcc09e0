#!/bin/sh
#= title
# Bulkhead's guard: what every hook that is armed is made from. `bulkhead init` writes one file for each hook name to
# <common git directory>/bulkhead/hooks, and git runs those (core.hooksPath). Such a file holds only what its name
# needs, and the settings of the clone, so that nothing else has to be read:
#   "#@ <names>" starts a part for hooks of these names ("others": those that are only passed on), "#@ all" one for every hook;
#   "#= settings" and "#= main" are where hook, chain, protect, require_session, transactions and main are set.
# The build drops all other comments, and indentation.
#
# It decides the usual case without starting a process: the expectation and HEAD agree. Whatever it is not sure of goes
# to the full guard (guard.mjs, started with node), so it may allow only what the full guard allows; it never refuses by
# itself unless the full guard cannot be started. Behind the guard run the hooks that would run without it.
#
# Written for the oldest common ground: POSIX sh, as in dash, busybox and bash. For speed the usual case comes first and
# ends early (a shell parses only as far as it runs), `[ -r file ]` stands where `2>/dev/null` would cost five system
# calls, and what is read line by line is short (dash reads byte by byte).

#= settings
#@ reference-transaction
# Most calls end here: git announces several states of each transaction, one of them can be refused. "watch" is no state
# of git's: where its configuration can name hooks (2.54), it calls us so before a push (config-text.ts).
case $1$transactions in prepared* | *1 | watch) ;; *) exit 0 ;; esac
#@ all
# Branch names are bytes: in another locale bash takes a newline after a broken UTF-8 character for part of it.
locale=${LC_ALL-}
LC_ALL=C
home=${0%/hooks/*}
common=${home%/bulkhead}
#= main
LF='
'
spaces=$IFS
allowed= lines=
#@ pre-commit pre-merge-commit applypatch-msg pre-rebase post-checkout reference-transaction pre-push
# Whether something in our directory is newer than what `init` left there: then a tool has installed hooks of its own.
# (`init` dates its files back, so that this holds in the second it ran, and with shells that compare whole seconds.)
changed=
[ ! "$home/hooks" -nt "$home/armed" ] || changed=1
#@ pre-commit
# In these two hooks, which all commits run, not every name is looked at: it would cost more than it is worth.
for found in reference-transaction pre-push post-checkout; do
  [ ! "$home/hooks/$found" -nt "$home/armed" ] || changed=1
done
#@ pre-merge-commit applypatch-msg pre-rebase post-checkout pre-push
for found in "$home"/hooks/*; do [ ! "$found" -nt "$home/armed" ] || changed=1; done
#@ reference-transaction
[ ! "$home/hooks/pre-commit" -nt "$home/armed" ] || changed=1
heads= head_moves= own_line= many= chunk= new_value= unread= elsewhere=
if [ "$1" = prepared ]; then
  # Branch lines are kept for the full guard; lines of other refs only while they are few: nothing depends on all of
  # them. They are joined piece by piece, because appending to a long text is slow.
  while read -r old new ref; do
    case $ref in
    refs/heads/*)
      case $heads in '' | "$ref") heads=$ref new_value=$new ;; *) many=1 ;; esac
      ;;
    HEAD)
      # A switch says `ref:…`. git leaves the old value out when it checks something out, and never when it commits.
      case $new in ref:*) ;; *) head_moves="$head_moves $old" ;; esac
      ;;
    ORIG_HEAD)
      # A merge, a fast-forward and a pull say so here, before they change any file.
      case ${GIT_REFLOG_ACTION-} in merge* | pull*) own_line=1 ;; esac
      ;;
    *)
      elsewhere=1
      [ -n "$transactions" ] || [ ${#lines} -lt 9999 ] || continue
      ;;
    esac
    chunk=$chunk$old\ $new\ $ref$LF
    [ ${#chunk} -gt 4000 ] || continue
    lines=$lines$chunk chunk=
    [ ${#lines} -lt 500000 ] || [ -n "$transactions" ] || { unread=1 && break; }
  done
  lines=$lines$chunk
else
  elsewhere=1
fi
# A fetch, and a push that is done, move other refs: whether a tool has written over the hook that pushes pass.
[ -z "$elsewhere" ] || [ ! "$home/hooks/pre-push" -nt "$home/armed" ] || changed=1
[ -n "$heads$head_moves$own_line$transactions$changed" ] || exit 0
#@ pre-commit pre-merge-commit applypatch-msg pre-rebase reference-transaction
# The usual case, in as little text as it takes: Bulkhead's own note of what the session expects has the same time as the
# session file (Bulkhead gives both the same whenever it writes them), and HEAD, or a rebase, is on that branch.
git_dir=${GIT_DIR:-.git} note=bulkhead-worktree/expected right=
#@ pre-commit pre-merge-commit
# What others ask of this session: said once, by whoever takes it away.
if [ -e "$git_dir/bulkhead-worktree/notice" ]; then
  notice=$git_dir/bulkhead-worktree/notice
  mv -f "$notice" "$notice.$$" 2>/dev/null && cat "$notice.$$" >&2
  rm -f "$notice.$$"
fi
#@ pre-commit pre-merge-commit applypatch-msg pre-rebase reference-transaction
if [ -r "$git_dir/$note" ] && [ -e "$home/armed" ] && [ -z "${SKIP_BRANCH_GUARD-}${BRANCH_GUARD_ALLOW_UNKNOWN-}" ]; then
  top=$main
  if [ -r "$git_dir/gitdir" ]; then
    IFS= read -r top <"$git_dir/gitdir"
    case $top in /*/.git | [A-Za-z]:*/.git) top=${top%/.git} ;; *) top= ;; esac
  elif [ -e "$git_dir/commondir" ]; then
    top=
  fi
  file=$top/.session.json note=$git_dir/$note
  if [ -n "$top" ] && [ -f "$file" ] && [ -r "$file" ] && ! [ "$file" -nt "$note" ] && ! [ "$note" -nt "$file" ]; then
    IFS= read -r expected <"$note"
    IFS= read -r branch <"$git_dir/HEAD"
    case $branch in
    "ref: $expected") right=$expected ;;
    *[!0-9a-f]*) ;;
    ????????????????????????????????????????*)
      [ -L "$git_dir/HEAD" ] || [ ! -r "$git_dir/rebase-merge/head-name" ] || IFS= read -r branch <"$git_dir/rebase-merge/head-name"
      [ "$branch" != "$expected" ] || right=$expected
      ;;
    esac
    if [ -n "$protect" ]; then
      set -f
      for pattern in $protect; do case ${expected#refs/heads/} in $pattern) right= ;; esac; done
      set +f
    fi
  fi
fi
#@ reference-transaction
if [ -n "$right" ] && [ -z "$many$transactions$changed" ]; then
  case $heads in
  '') exit 0 ;;
  "$right")
    # What the guard saw, so that commits made with hooks off can be told apart later.
    case $new_value in
    *[!0]*) [ ! -w "$home/seen.log" ] || { echo "$new_value $heads" >>"$home/seen.log" && exit 0; } ;;
    *) exit 0 ;;
    esac
    ;;
  esac
fi
#@ pre-commit
# Nobody else's hooks, and none that came since the last init: their directory, or the configuration, would be newer.
if [ -n "$right" ] && [ -z "$changed$chain" ] && [ ! -x "$common/hooks/pre-commit" ] && [ ! -x "$home/theirs/pre-commit" ] &&
  [ ! "$common/hooks" -nt "$home/checked" ] && [ ! "$common/config" -nt "$home/checked" ]; then
  [ -e "$git_dir/bulkhead-worktree/chain.conf" ] || exit 0
fi
#@ all
# A tool may have linked, copied or renamed this file: then its name does not tell where the guard lies.
if [ ! -e "$home/armed" ]; then
  common=$(git rev-parse --git-common-dir) && common=$(cd "$common" && pwd) || exit 1
  home=$common/bulkhead
  if [ ! -e "$home/armed" ]; then
    echo "bulkhead: the guard of this clone is incomplete: $home/armed is missing." >&2
    echo "Nothing was changed. Arm it again with: git bulkhead init" >&2
    exit 1
  fi
fi
#= main
#@ pre-commit pre-merge-commit applypatch-msg pre-rebase post-checkout reference-transaction

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
#@ all
git_dir=${GIT_DIR:-.git}
# `git worktree add` runs post-checkout in the new worktree without GIT_DIR.
if [ "$git_dir" = .git ] && [ -f .git ] && [ -r .git ]; then
  read -r git_dir <.git
  git_dir=${git_dir#gitdir: }
fi
#@ pre-commit pre-merge-commit applypatch-msg pre-rebase post-checkout reference-transaction
top=$main linked=
if [ -r "$git_dir/gitdir" ]; then
  linked=1
  read_top "$git_dir"
elif [ -e "$git_dir/commondir" ]; then
  linked=1 top=
fi

# Sets branch (what HEAD names, or what a rebase in progress will put it back on) and detached. Neither is set where
# the file does not tell.
branch= detached=
[ ! -r "$git_dir/HEAD" ] || IFS= read -r branch <"$git_dir/HEAD"
case $branch in
'ref: refs/heads/.invalid' | *[[:space:]]) branch= ;;
'ref: refs/heads/'*) branch=${branch#ref: } ;;
*[!0-9a-f]*) branch= ;;
????????????????????????????????????????*)
  branch=
  # As a link, HEAD is no hash but the branch that it leads to.
  if [ ! -L "$git_dir/HEAD" ]; then
    detached=1
    for state in rebase-apply rebase-merge; do
      [ ! -r "$git_dir/$state/head-name" ] || { branch= && IFS= read -r branch <"$git_dir/$state/head-name"; }
    done
  fi
  ;;
*) branch= ;;
esac

# Whether Bulkhead's own note says what the session file says: it gives both the same time whenever it writes them.
is_noted() {
  [ -r "$2" ] && ! [ "$1" -nt "$2" ] && ! [ "$2" -nt "$1" ]
}

# Sets right: whether this worktree certainly is where its session expects it (expected), or is nobody's.
right= expected=
file=$top/.session.json note=$git_dir/bulkhead-worktree/expected
if [ -n "$top" ] && [ -z "${SKIP_BRANCH_GUARD-}${BRANCH_GUARD_ALLOW_UNKNOWN-}" ]; then
  if [ -f "$file" ] && [ -r "$file" ]; then
    if is_noted "$file" "$note"; then
      IFS= read -r expected <"$note"
      [ "$branch" != "$expected" ] || right=$branch
    else
      right=unread
    fi
  elif [ -z "$linked$require_session" ] && [ -n "$branch$detached" ]; then
    # Nobody's session, in the main checkout. A link that leads nowhere is a broken file.
    [ -e "$file" ] || [ -L "$file" ] || [ -e "$top/.worktree.json" ] || [ -L "$top/.worktree.json" ] ||
      [ -e "$git_dir/bulkhead-worktree/session.json" ] || right=nobody
  fi
fi
if [ "$right" = unread ]; then
  # Sets expected from a session file in exactly the layout that Bulkhead writes; fails on any other. Without
  # backslashes every quote is JSON's own, so splitting the text at quotes takes it apart.
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
    expected=refs/heads/$expected
  }
  right=
  # Where Bulkhead's own traces say anything else, the file is not what it wrote: a branch may have brought it.
  if read_expected <"$file" && [ "$branch" = "$expected" ]; then
    noted=$expected
    if [ -r "$note" ]; then IFS= read -r noted <"$note"; elif [ -e "$git_dir/bulkhead-worktree/session.json" ]; then noted=; fi
    [ "$noted" != "$expected" ] || right=$branch
  fi
fi
#@ reference-transaction
# The usual case: HEAD is right, and only its own branch moves.
if [ -n "$right" ] && [ -z "$protect$many" ]; then
  case $heads in '' | "$right") allowed=1 ;; esac
fi
#@ pre-commit pre-merge-commit applypatch-msg pre-rebase
# The usual case: HEAD is where the session expects it.
[ "$right" = nobody ] || [ -z "$right" ] || [ -n "$protect" ] || allowed=1
#@ pre-rebase
# A second argument names another branch, which git checks out first.
[ -z "${2-}" ] || allowed= right=
#@ pre-commit pre-merge-commit applypatch-msg pre-rebase reference-transaction
if [ -z "$allowed" ]; then
  # Sets others: the refs that other worktrees' sessions expect; unsure where a worktree's file would have to be read.
  read_others() {
    others=' ' unsure=
    own_top=$top
    for dir in "$common"/worktrees/*; do
      [ -r "$dir/gitdir" ] || continue
      ! [ "$dir" -ef "$git_dir" ] || continue
      read_top "$dir"
      add_other "$dir"
    done
    top=$main
    [ -z "$linked" ] || [ -z "$top" ] || add_other "$common"
    top=$own_top
  }
  add_other() {
    file=$top/.session.json note=$1/bulkhead-worktree/expected other=
    # What a link leads to counts, and one that leads nowhere expects nothing.
    if [ -z "$top" ]; then
      unsure=1
    elif [ -e "$file" ]; then
      is_noted "$file" "$note" || { unsure=1 && return 0; }
    elif [ -e "$top/.worktree.json" ]; then
      unsure=1
    elif [ ! -r "$note" ]; then
      [ ! -e "$1/bulkhead-worktree/session.json" ] || unsure=1
      return 0
    fi
    [ ! -r "$note" ] || IFS= read -r other <"$note"
    others="$others$other "
  }
  others=
  # Whether the ref is neither protected nor, as far as is known, expected by another worktree's session.
  is_free() {
    set -f
    for pattern in $protect; do
      case ${1#refs/heads/} in $pattern) set +f && return 1 ;; esac
    done
    set +f
    [ "$1" != "$expected" ] || return 0
    [ -n "$others" ] || read_others
    case $unsure$others in 1* | *" $1 "*) return 1 ;; esac
  }
fi
#@ pre-commit pre-merge-commit applypatch-msg pre-rebase
if [ -z "$allowed" ] && [ -n "$right" ]; then
  case $branch in
  refs/heads/*) ! is_free "$branch" || allowed=1 ;;
  # Detached and nobody's.
  *) [ -z "$detached" ] || allowed=1 ;;
  esac
fi
#@ post-checkout
# Only a change of branch matters. A new worktree (old value all zeros) gets its session file, if it has none yet, and
# what the hooks path needs that git has copied into it.
case ${3-}:${1-} in
1:*[!0]*) [ -z "$right" ] || allowed=1 ;;
1:*) [ -z "$right" ] || [ "$right" = nobody ] || [ ! -f "$file" ] || [ ! -e "$git_dir/bulkhead-worktree/session.json" ] ||
  [ -f "$git_dir/config.worktree" ] || allowed=1 ;;
*) allowed=1 ;;
esac
#@ reference-transaction
if [ "$1" != prepared ] || [ -z "$heads$head_moves$own_line" ]; then
  allowed=1
elif [ -z "$allowed$unread" ]; then
  # Where HEAD is not right, a branch may still be made, and a loose ref dropped whose value is packed (gc, pack-refs):
  # such a line passes in any worktree. Absent ones are looked up in packed-refs all at once, in the end.
  absent= patterns=0
  is_harmless() {
    [ -n "$branch$detached" ] || return 1
    dropped=
    case $new in *[!0]*) ;; *) case $old in *[!0]*) dropped=1 ;; esac ;; esac
    if [ -e "$common/$ref" ] || [ -L "$common/$ref" ]; then
      [ -n "$dropped" ] && [ -f "$common/$ref" ] && [ ! -L "$common/$ref" ] || return 1
      value= && IFS= read -r value <"$common/$ref"
      [ "$value" = "$old" ] && is_packed
      return
    fi
    [ -z "$dropped" ] || ! is_packed || return 0
    # While the apply backend of a rebase is at work, nothing says which branch it will put back.
    [ "$ref" != "$branch" ] && { [ -n "$branch" ] || [ ! -e "$git_dir/rebase-apply" ]; } || return 1
    absent="$absent $ref$LF" patterns=$((patterns + 1))
  }
  # git holds the lock when it really deletes a ref that is packed.
  is_packed() {
    [ -r "$common/packed-refs" ] && [ ! -e "$common/packed-refs.lock" ] &&
      LC_ALL=C grep -qxF -e "$old $ref" "$common/packed-refs"
  }
  # A fetch by an older git announces each branch alone. Which branches the running one brings from a remote, the full
  # guard has found out and noted at the first of them; whether this is a fast-forward, git tells.
  fetched=
  is_fetched() {
    [ "$ref" != "$branch" ] && { [ -n "$branch" ] || { [ -n "$detached" ] && [ ! -e "$git_dir/rebase-apply" ]; }; } || return 1
    case $new in *[!0]*) ;; *) return 1 ;; esac
    [ -n "$fetched" ] || read_fetched
    set -f
    for pattern in $fetched; do
      case ${ref#refs/heads/} in $pattern) set +f && git merge-base --is-ancestor "$ref" "$new" 2>/dev/null && return ;; esac
    done
    set +f
    return 1
  }
  read_fetched() {
    fetched=' '
    [ -r "$home/fetching" ] && [ -r "/proc/$PPID/stat" ] || return 0
    read -r pid started patterns <"$home/fetching"
    IFS= read -r status <"/proc/$PPID/stat"
    set -f
    set -- ${status##*\) }
    set +f
    [ "$pid $started" != "$PPID ${20-}" ] || fetched=" $patterns"
  }
  are_absent() {
    case $patterns in 0) return 0 ;; esac
    [ -e "$common/packed-refs" ] || return 0
    [ -r "$common/packed-refs" ] || return 1
    # As an expression a name matches itself and perhaps more, which is safe.
    if [ "$patterns" = 1 ]; then
      LC_ALL=C grep -q -e "${absent%"$LF"}\$" "$common/packed-refs"
    else
      printf %s "$absent" | LC_ALL=C grep -qF -f - "$common/packed-refs"
    fi
    [ $? = 1 ]
  }
  # HEAD on a branch is the shadow of that branch's line, or about to be detached: a checkout, a bisect, a rebase.
  head_is_free() {
    [ -n "$branch$detached" ] && [ -z "$own_line" ] || return 1
    [ -n "$detached" ] || return 0
    for old in $head_moves; do case $old in *[!0]*) return 1 ;; esac; done
  }
  judge_lines() {
    [ -n "$right" ] || head_is_free || return 1
    set -f
    IFS=$LF
    set -- $lines
    IFS=$spaces
    set +f
    for line; do
      old=${line%% *} ref=${line#* }
      new=${ref%% *} ref=${ref#* }
      case $ref in
      refs/heads/*) { [ -n "$right" ] && is_free "$ref"; } || is_harmless || is_fetched || return 1 ;;
      esac
    done
    are_absent
  }
  ! judge_lines "$@" || allowed=1
fi
# What the guard saw, so that commits made with hooks off can be told apart later. It only informs: where this user may
# not write, nothing is said.
log=$home/seen.log
if [ -n "$allowed" ] && [ -n "$heads" ] && { [ -w "$log" ] || { [ ! -e "$log" ] && [ -w "$home" ]; }; }; then
  if [ -z "$many" ]; then
    case $new_value in *[!0]*) echo "$new_value $heads" >>"$log" ;; esac
  else
    printf %s "$lines" | while read -r old new ref; do
      case $ref:$new in refs/heads/*:*[!0]*) echo "$new $ref" ;; esac
    done >>"$log"
  fi
fi
[ -z "$allowed" ] || [ -n "$transactions$changed" ] || exit 0
#@ others
allowed=1 changed=
#@ all

# The hooks that git would run without us. A worktree may have a hooks path of its own (config.worktree).
own_chain=
find_hooks() {
  if [ -r "$git_dir/bulkhead-worktree/chain.conf" ]; then
    own_chain=1
    . "$git_dir/bulkhead-worktree/chain.conf"
  fi
  used=${chain:-$common/hooks}
}
find_hooks
#@ pre-commit
# A hook that came with a pull or a tool since the last init is armed as soon as it is seen; its directory is then newer.
# The clone's configuration may have got another hooks path: git tells whether it has.
scripts=$used
case $chain in */_) scripts=${chain%/_} ;; esac
[ ! "$scripts" -nt "$home/checked" ] || changed=1
if [ "$common/config" -nt "$home/checked" ] && [ -z "$changed$own_chain" ] && [ -w "$home/checked" ]; then
  echo >"$home/checked"
  paths=$LF$(git config --type=path --get-all core.hooksPath)
  paths=${paths%"$LF$home/hooks"}
  [ "${paths##*"$LF"}" = "$chain" ] || changed=1
fi
#@ all
# husky keeps files of its own in a directory that git ignores: a worktree that lacks it gets those that `init` kept.
lacking=
case $chain in
'' | /* | [A-Za-z]:*) ;;
*)
  runtime=${chain%/_}/_
  [ -d "$runtime" ] || [ ! -e "${runtime%/_}/$hook" ] || lacking=1
  ;;
esac
#@ post-checkout
case $chain:$1 in '':* | /*:* | [A-Za-z]:*:* | *:*[!0]*) ;; *) [ -d "$runtime" ] || lacking=1 ;; esac
#@ all
chained=$used/$hook theirs=$home/theirs/$hook

# The usual case ends here.
[ -z "$allowed" ] || [ -n "$changed$lacking" ] || [ -x "$chained" ] || [ -x "$theirs" ] || exit 0

# What comes now may speak the person's language.
if [ -n "$locale" ]; then LC_ALL=$locale; else unset LC_ALL; fi
#@ pre-commit pre-merge-commit applypatch-msg pre-rebase post-checkout reference-transaction pre-push

# Reads the settings as they are now, and what `init` found out about this machine.
read_settings() {
  own_main=$main
  . "$home/guard.conf"
  main=$own_main
}
# Sets node: the recorded one, else the PATH's, else one in a usual place (the full guard then records that).
find_node() {
  node=
  read_settings
  [ ! -x "$node" ] || return 0
  node=$(command -v node) && return 0
  for node in /usr/local/bin/node /opt/homebrew/bin/node /usr/bin/node "${HOME-}/.local/bin/node" "${HOME-}/.volta/bin/node" \
    "${HOME-}/.local/share/mise/shims/node" "${HOME-}/.asdf/shims/node" "${HOME-}"/.nvm/versions/node/v2*/bin/node \
    "${HOME-}"/.local/share/fnm/node-versions/v2*/installation/bin/node "/c/Program Files/nodejs/node.exe"; do
    [ ! -x "$node" ] || return 0
  done
  node=
}
full_guard() {
  if [ ! -r "$home/guard.conf" ]; then
    echo "bulkhead: the guard of this clone is incomplete: $home/guard.conf cannot be read." >&2
    echo "Nothing was changed. Arm it again with: git bulkhead init" >&2
    return 1
  fi
  find_node
  if [ -z "$node" ] || [ ! -r "$home/guard.mjs" ]; then
    echo "bulkhead: this needs the full guard, which could not be started (node or $home/guard.mjs is missing)." >&2
    echo "It was refused to be safe, nothing was changed. Arm the guard again with: git bulkhead init" >&2
    return 1
  fi
  BULKHEAD_GIT_PID=$PPID BULKHEAD_HOOK_FILE=${0##*/} NODE_OPTIONS= "$node" "$home/guard.mjs" "$@"
}

# Whether our files can be put in order now. Not while another hook, which took our name, runs us under another one.
[ "${0##*/}" = "$hook" ] && [ -w "$home/hooks" ] || changed=
if [ -n "$changed" ] && full_guard refresh </dev/null 2>/dev/null; then
  # It has looked at what would run without us, too.
  read_settings
  find_hooks
fi

if [ -z "$allowed" ]; then
#@ reference-transaction
  { printf %s "$lines" && { [ -z "$unread" ] || cat; }; } | full_guard "$hook" "$@" || exit 1
#@ pre-push
  while IFS= read -r line || [ -n "$line" ]; do lines=$lines$line$LF; done
  printf %s "$lines" | full_guard "$hook" "$@" || exit 1
  # It has looked at what would run without us, too: somebody's settings may name another directory by now.
  read_settings
  find_hooks
#@ post-checkout
  full_guard "$hook" "$@" || :
#@ pre-commit pre-merge-commit applypatch-msg pre-rebase
  full_guard "$hook" "$@" || exit 1
#@ pre-commit pre-merge-commit applypatch-msg pre-rebase post-checkout reference-transaction pre-push
fi
chained=$used/$hook
#@ reference-transaction
[ "$1" != watch ] || exit 0
# One that is not known yet would get only a part of what git says; from the next transaction on it gets all.
[ -n "$transactions" ] || exit 0
#@ all
if [ -n "$lacking" ] && [ -d "$home/husky" ] && [ -d "${runtime%/_}" ] && [ ! -L "${runtime%/_}" ] && [ ! -L "$runtime" ]; then
  cp -R "$home/husky" "$runtime" || echo "bulkhead: husky's own files are missing in $PWD/$runtime; its hooks may not run." >&2
fi
[ -x "$chained" ] && [ ! -d "$chained" ] || chained=
[ -x "$theirs" ] || theirs=
if [ "${0##*/}" != "$hook" ]; then
  # A tool has taken our name and runs us as the hook that stood there before it. It may have installed itself before,
  # and so be what we would run: that would run it within itself, which prek and pre-commit take for an error.
  is_caller() {
    ! cmp -s "$1" "$home/hooks/$hook" || return 0
    for mark in 'generated by prek' 'generated by pre-commit' 'git lfs' branchless lefthook; do
      ! grep -q "$mark" "$1" || ! grep -q "$mark" "$home/hooks/$hook" || return 0
    done
    return 1
  }
  [ -z "$chained" ] || ! is_caller "$chained" || chained=
fi
[ -n "$chained$theirs" ] || exit 0

# Whether the hook that we run has called us again, as dispatchers do that run whatever git's hooks path names: then
# all is said and done. A git in between makes it another call.
is_called_back() {
  case ${BULKHEAD_CHAINED-} in "$hook "*) ;; *) return 1 ;; esac
  set -- $BULKHEAD_CHAINED
  [ "$2" != $$ ] && [ "${3:-9}" -lt 5 ] || return 0
  ancestor=$PPID
  while [ "${ancestor:-1}" -gt 1 ]; do
    [ "$ancestor" != "$2" ] || return 0
    if [ -r "/proc/$ancestor/stat" ]; then
      IFS= read -r status <"/proc/$ancestor/stat"
      name=${status#*\(} && name=${name%\)*}
      status=${status##*\) ? } && ancestor=${status%% *}
    else
      name=$(ps -o comm= -p "$ancestor") && name=${name##*/}
      ancestor=$(ps -o ppid= -p "$ancestor" | tr -d ' ')
    fi
    case $name in git | git-* | git.exe) return 1 ;; esac
  done
  return 1
}
! is_called_back || exit 0
depth=0
case ${BULKHEAD_CHAINED-} in "$hook "*) depth=${BULKHEAD_CHAINED##* } ;; esac
BULKHEAD_CHAINED="$hook $$ $((depth + 1))"
export BULKHEAD_CHAINED

# Hooks of JavaScript repositories need what is installed: the main checkout's programs stand in, and a failure is explained.
explain=
if [ -f package.json ] && [ ! -e node_modules ]; then
  explain=1
  [ ! -d "$main/node_modules/.bin" ] || PATH=$PATH:$main/node_modules/.bin
fi
piped=$lines
if [ -n "$chained" ] && [ -n "$theirs" ] && [ -z "$lines" ]; then
  case $hook in
  post-rewrite | pre-receive | post-receive | reference-transaction)
    while IFS= read -r line || [ -n "$line" ]; do lines=$lines$line$LF; done
    piped=$lines
    ;;
  esac
fi
#@ pre-push
piped=1
#@ all
for found in "$chained" "$home/theirs/$hook" "$home/theirs/$hook".[1-9]; do
  [ -n "$found" ] && [ -x "$found" ] || continue
  if [ -n "$piped" ]; then
    printf %s "$lines" | "$found" "$@"
  elif [ -z "$explain$theirs" ]; then
    exec "$found" "$@"
  else
    "$found" "$@"
  fi
  failed=$?
  [ "$failed" != 0 ] || continue
  if [ -n "$explain" ]; then
    echo "bulkhead: that was this repository's own $hook hook, not the guard. There is no node_modules in $PWD," >&2
    echo "which such hooks often need: install what package.json names there, then try again." >&2
  fi
  exit "$failed"
done
exit 0
