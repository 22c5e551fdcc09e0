import { typed } from "../domain/invocation.ts";
import type { BranchName } from "../domain/names.ts";
import { isWorkItemKey } from "../domain/names.ts";
import { shellWord } from "../domain/shell-word.ts";
import { isInside, isSamePath } from "../files/same-path.ts";
import { readSessionCopy } from "../layout/session-file.ts";
import type { Retired } from "../ship/tools.ts";
import { cleanupWorktreeAt } from "../worktree/cleanup.ts";
import type { LinkedWorktree } from "../worktree/find-worktree.ts";
import { repairAll } from "../worktree/repair.ts";
import { placeOf, type Target } from "../worktree/target.ts";
import type { Clone } from "./clone.ts";
import { settleLocks } from "./worktree-locks.ts";
import { worktreeTools } from "./worktree-tools.ts";

/**
 * Removes the worktree of a merged branch into the trash, by the rules that every clean-up follows, and ends its session.
 * A shell that stands in it keeps it, that of whoever ships too: nobody's prompt is left in a directory that is gone.
 */
export async function retireWorktree(
  clone: Clone,
  { path, branch, pull }: { readonly path: string; readonly branch: BranchName; readonly pull: number | null },
): Promise<Retired> {
  const tools = await worktreeTools(clone);
  await settleLocks(clone);
  await repairAll(tools);
  const linked = (await tools.worktrees()).slice(1).filter((one): one is LinkedWorktree => one.gitDir !== null);
  const worktree = linked.find((one) => isSamePath(one.path, path));
  if (worktree === undefined) return { retired: true, detail: "was already gone", released: null, byHand: null };
  if (worktree.branch !== branch) {
    const detail = `kept: ${path} is on ${worktree.branch === null ? "no branch" : `'${worktree.branch}'`} by now`;
    return { retired: false, detail, released: null, byHand: `Look at ${path} yourself.` };
  }
  const { cleaned, trash, details, released } = await cleanupWorktreeAt(
    tools,
    targetOf(tools.root, worktree),
    worktree,
  );
  if (cleaned) return { retired: true, detail: `moved into the trash as ${trash}`, released, byHand: null };
  const again = typed(`ship ${pull ?? ""} --retire`);
  const elsewhere =
    isInside(clone.repository.topLevel ?? "", path) || isSamePath(clone.repository.topLevel ?? "", path);
  // From inside it would always be kept by the shell that it was typed in.
  const byHand = `Once that is settled: ${elsewhere ? `cd ${shellWord(tools.mainTop ?? tools.root)} && ` : ""}${again}`;
  return { retired: false, detail: `kept: ${details.join("; ")}`, released: null, byHand };
}

/** What a worktree is for, as its place or its session file tells; else it goes by the name of its directory. */
function targetOf(root: string, { path, gitDir }: LinkedWorktree): Target {
  const copy = readSessionCopy(gitDir);
  const { sdKey, session } = copy.kind === "present" ? copy.content : {};
  const name = path.slice(path.lastIndexOf("/") + 1);
  const fallback = (isWorkItemKey(name) ? name : "worktree") as Target["name"];
  const targets: Target[] = [
    { kind: "item", name: fallback },
    { kind: "session", name: fallback },
  ];
  const placed = targets.find((target) => isSamePath(placeOf(root, target), path));
  if (placed !== undefined) return placed;
  if (sdKey !== undefined && isWorkItemKey(sdKey)) return { kind: "item", name: sdKey };
  if (session !== undefined && isWorkItemKey(session)) return { kind: "session", name: session };
  return { kind: "session", name: fallback };
}
