import { typed } from "../domain/invocation.ts";
import { defineCommand } from "./command.ts";

export const command = defineCommand({
  examples: [["shell-init", 'for your shell\'s start file: eval "$(bulkhead shell-init)"']],
  configure(command) {
    command.usage("");
  },
  input: () => null,
  outside: () => ({ shell: shellFunction() }),
  run: async () => ({ shell: shellFunction() }),
  text: () => shellFunction(),
});

/** For any POSIX shell: `bulkhead cd <item>` changes to a worktree and sets its port; all else is handed on. */
function shellFunction(): string {
  return `bulkhead() {
  case "\${1-}" in
  cd)
    shift
    bulkhead_to=$(bulkhead worktree --path "$@") || return
    cd -- "$bulkhead_to" || return
    unset BULKHEAD_PORT
    bulkhead_to=$(git rev-parse --git-dir)/bulkhead-worktree/port
    if [ -r "$bulkhead_to" ]; then
      read -r BULKHEAD_PORT <"$bulkhead_to"
      export BULKHEAD_PORT
    fi
    ;;
  *)
    if git config --get alias.bulkhead >/dev/null 2>&1; then
      git bulkhead "$@"
    else
      command ${typed("")} "$@"
    fi
    ;;
  esac
}
`;
}
