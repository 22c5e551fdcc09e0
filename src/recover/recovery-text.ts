import { shellWord } from "../domain/shell-word.ts";
import { shortSha } from "./facts.ts";
import { plural } from "./phrases.ts";
import type { RecoveryTarget } from "./plan-recovery.ts";

/** What came of one commit, as far as it is told. */
export type ToldRecovery =
  | { readonly kind: "held"; readonly sha: string; readonly refs: readonly string[] }
  | {
      readonly kind: "created" | "would_create";
      readonly sha: string;
      readonly to: RecoveryTarget;
      readonly stash: boolean;
      readonly commits: number;
      readonly branch: string | null;
      readonly path: string | null;
      readonly entry: string | null;
      readonly files: number | null;
    };
type Made = Extract<ToldRecovery, { kind: "created" | "would_create" }>;

/** What `--recover` did, as `--json` prints it. */
export function recoveryDocument(recoveries: readonly ToldRecovery[]) {
  const made = (kind: Made["kind"]) =>
    recoveries.flatMap((recovery) => {
      if (recovery.kind !== kind) return [];
      const { kind: _, sha, ...rest } = recovery;
      return [{ sha, short: shortSha(sha), ...rest }];
    });
  const planned = made("would_create");
  return {
    recovered: made("created"),
    ...(planned.length === 0 ? {} : { would_recover: planned }),
    held: recoveries.flatMap((recovery) =>
      recovery.kind === "held" ? [{ sha: recovery.sha, short: shortSha(recovery.sha), refs: recovery.refs }] : [],
    ),
  };
}

/** What `--recover` did, for people. */
export function recoveryText(recoveries: readonly ToldRecovery[]): string {
  const lines = recoveries.map((recovery) =>
    recovery.kind === "held"
      ? `${shortSha(recovery.sha)} is not lost: ${heldBy(recovery.refs)}. Nothing was made.`
      : `${recovery.kind === "created" ? "✅ " : "Would: "}${said(recovery)}`,
  );
  if (recoveries.some(({ kind }) => kind === "would_create")) return [...lines, "Nothing was changed."].join("\n");
  const commands = recoveries.flatMap((recovery) => (recovery.kind === "created" ? [nextCommand(recovery)] : []));
  const next = commands.length === 0 ? [] : ["Nothing was checked out. To take it over, on your branch:", ...commands];
  return [...lines, ...next].join("\n");
}

function said({ sha, to, branch, path, commits, entry, files, kind }: Made): string {
  const below = commits > 1 ? `, with ${plural(commits - 1, "commit")} below it,` : "";
  const what = `${shortSha(sha)}${below}`;
  if (to === "worktree") return `${what} is in the worktree ${path}, on branch ${branch}`;
  if (to === "stash") return `${what} is on top of the stash${entry === null ? "" : ` (${shortSha(entry)})`}`;
  if (to === "files") return `${what} is in ${path}${kind === "created" ? `: ${plural(files ?? 0, "file")}` : ""}`;
  return `${shortSha(sha)} is on branch ${branch}`;
}

/**
 * Merging a stash would make its parts history, and leave its untracked files out. Hashes in full: git takes a short name of
 * nothing but digits for a position.
 */
function nextCommand({ to, stash, sha, branch, path, entry }: Made): string {
  if (to === "worktree") return `  cd ${shellWord(path ?? "")}`;
  if (to === "stash") return `  git stash apply ${entry ?? sha}`;
  if (to === "files") return `  cp -R ${shellWord(`${path}/.`)} .`;
  return stash ? `  git stash apply ${sha}` : `  git merge ${shellWord(branch ?? "")}`;
}

function heldBy(refs: readonly string[]): string {
  const shown = refs.slice(0, 3).join(", ");
  const more = refs.length > 3 ? ` and ${refs.length - 3} more` : "";
  return `${shown}${more} ${refs.length === 1 ? "has" : "have"} it`;
}
