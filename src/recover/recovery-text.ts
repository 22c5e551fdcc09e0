import { shortSha } from "./facts.ts";
import type { Recovery } from "./rescue.ts";

/** What `--recover` did, as `--json` prints it. */
export function recoveryDocument(recoveries: readonly Recovery[]) {
  return {
    recovered: recoveries.flatMap(({ sha, ...rest }) =>
      rest.kind === "created" ? [{ sha, short: shortSha(sha), branch: rest.branch, stash: rest.stash }] : [],
    ),
    held: recoveries.flatMap(({ sha, ...rest }) =>
      rest.kind === "held" ? [{ sha, short: shortSha(sha), refs: rest.refs }] : [],
    ),
  };
}

/** What `--recover` did, for people. */
export function recoveryText(recoveries: readonly Recovery[]): string {
  const lines = recoveries.map((recovery) =>
    recovery.kind === "created"
      ? `✅ ${shortSha(recovery.sha)} is on branch ${recovery.branch}`
      : `${shortSha(recovery.sha)} is not lost: ${heldBy(recovery.refs)}. No branch was made.`,
  );
  const commands = recoveries.flatMap((recovery) => {
    if (recovery.kind !== "created") return [];
    // Merging a stash would make its parts history, and leave its untracked files out. In full: git takes a short name of
    // nothing but digits for a position.
    return [recovery.stash ? `  git stash apply ${recovery.sha}` : `  git merge ${recovery.branch}`];
  });
  const next = commands.length === 0 ? [] : ["Nothing was checked out. To take it over, on your branch:", ...commands];
  return [...lines, ...next].join("\n");
}

function heldBy(refs: readonly string[]): string {
  const shown = refs.slice(0, 3).join(", ");
  const more = refs.length > 3 ? ` and ${refs.length - 3} more` : "";
  return `${shown}${more} ${refs.length === 1 ? "has" : "have"} it`;
}
