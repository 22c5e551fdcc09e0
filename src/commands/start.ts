import { type StartDocument, start } from "../app/start.ts";
import { typed } from "../domain/invocation.ts";
import { parseWorkItemKey } from "../domain/names.ts";
import { shellWord } from "../domain/shell-word.ts";
import { defineCommand } from "./command.ts";
import { type OwnerOptions, ownerOf, withOwnerOptions } from "./owner-options.ts";
import { shortId } from "./short-id.ts";

export const command = defineCommand({
  examples: [["start LOGIN-1", "claim LOGIN-1 for this terminal, in this worktree"]],
  configure(command) {
    withOwnerOptions(command.argument("<item>", "the work item's key"))
      .option("--share", "join a worktree that another session works in")
      .usage("<item> [options]");
  },
  input: ([key], options: OwnerOptions & { readonly share?: boolean }) => ({
    ...ownerOf(options),
    item: parseWorkItemKey(String(key)),
    share: options.share ?? false,
  }),
  run: start,
  json: (document) => ({ ...document, ...remarks(document) }),
  notes: startNotes,
  text: textOf,
});

/** What somebody who starts has to know besides. */
export function startNotes(document: StartDocument): string[] {
  return [...Object.values(remarks(document)).flat(), ...unguarded(document)];
}

/** In the document `guard` says it. */
function unguarded({ guard }: StartDocument): string[] {
  if (guard.state !== "not set up") return [];
  return [
    `Note: no guard is armed in this clone, so nothing stops a commit on another branch. Arm it: ${typed("init")}`,
  ];
}

function remarks(document: StartDocument): { readonly notes: string[]; readonly warnings: string[] } {
  const { others, on_base: onBase, worktree_command: ownWorktree, expected_branch: expected } = document;
  const branch = document.current_branch;
  const notes = others.map(
    (other) => `Note: Another active session detected (${shortId(other)}), working on ${other.sd_id}`,
  );
  const warnings: string[] = [];
  const { state, because } = document.guard;
  if (state === "rearmed") notes.push(`Note: the guard was off here, and is armed again. ${because}`);
  if (state === "off") warnings.push(`Warning: nothing stops a commit on another branch here. ${because}`);
  if (onBase) {
    warnings.push(`Warning: this worktree is on the base branch '${branch}'. Work in one of your own: ${ownWorktree}`);
  }
  if (branch !== expected) {
    const now = branch === null ? "HEAD is detached" : `HEAD is on '${branch}'`;
    const change = typed(`expect ${branch === null ? "<branch>" : shellWord(branch)}`);
    warnings.push(
      `Warning: this worktree expects '${expected}', but ${now}. Go back: git switch ${shellWord(expected)}, or expect it: ${change}`,
    );
  }
  return { notes, warnings };
}

function textOf(document: StartDocument): string {
  const { sd_id: item, session_id: id, expected_branch: expected, took_over: victim } = document;
  if (!document.new_claim) return `${item} is yours already (session ${id}, expecting '${expected}').`;
  const lines = [`Claimed ${item} for session ${id}; commits here are expected on '${expected}'.`];
  if (victim !== null) {
    const why = document.took_over_because === "stale" ? "was stale" : "had lost its process";
    lines.push(`It was taken over from session ${shortId(victim)}, which ${why}.`);
  }
  if (document.switched_from !== null) lines.push(`${document.switched_from} is free again.`);
  return lines.join("\n");
}
