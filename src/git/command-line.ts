/** Options of git itself that take the next word as their value. */
const TAKES_VALUE = new Set(["-c", "-C", "--git-dir", "--work-tree", "--namespace", "--exec-path", "--config-env"]);

/** The sub-command in git's arguments (without the program): `commit` in `-C dir -c a=b commit -m x`; empty for none. */
export function gitCommandName(args: readonly string[]): string {
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? "";
    if (TAKES_VALUE.has(arg)) i++;
    else if (!arg.startsWith("-")) return arg;
  }
  return "";
}
