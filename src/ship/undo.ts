import { asBulkheadError, BulkheadError } from "../domain/error.ts";
import { isBranchName } from "../domain/names.ts";
import { hasCommit } from "../git/ancestry.ts";
import { fetchObjects } from "../git/remotes.ts";
import type { GitHub } from "../github/github.ts";
import { basePlaces } from "./base-place.ts";
import { findShip, type Journal, repositoryKey } from "./journal.ts";
import type { StepResult, UndoVoyage } from "./step.ts";
import { definitionOf } from "./steps.ts";
import type { ShipTools } from "./tools.ts";
import { remoteFor } from "./wiring.ts";

/** What `--undo` came to. */
export interface UndoResult {
  readonly pull: number;
  /** The pull request that takes the merge back; null in a dry run. */
  readonly revert: { readonly number: number; readonly url: string } | null;
  /** What was put back, in words. */
  readonly restored: readonly string[];
  /** What could not be put back, and why. */
  readonly failed: readonly string[];
  readonly dryRun: boolean;
}

/**
 * Takes a ship of this clone back, by its journal: opens a pull request that reverts the merge, and puts the branches
 * back that it deleted. Nothing is merged and nothing is forced; run again, it finds what is done already.
 * @param number the pull request; null: the last one that was shipped from here
 * @throws BulkheadError `SHIP_NOT_SHIPPED`, and GitHub's
 */
export async function undoShip(number: number | null, dryRun: boolean, tools: ShipTools): Promise<UndoResult> {
  const journal = findShip(tools.repository.commonDir, number);
  if (journal === null) throw new BulkheadError("SHIP_NOT_SHIPPED", { pull: number });
  const { content } = journal;
  const pull = content.pull ?? 0;
  const deleted = journal.results.filter(
    ({ step, state }) => state === "done" && definitionOf(step)?.undo !== undefined,
  );
  if (dryRun) {
    const restored = deleted.map(
      ({ detail, step }) => `${definitionOf(step)?.label ?? step.kind}, which was ${detail}`,
    );
    return {
      pull,
      revert: content.undone && { number: content.undone.pull, url: content.undone.url },
      restored,
      failed: [],
      dryRun,
    };
  }
  const wiring = await tools.wiring();
  const places = basePlaces(wiring, tools.chosenRemote);
  const base = places.find(({ repository }) => repositoryKey(repository) === content.repository) ?? places[0];
  const github = await tools.connect(base.repository, base.remote);
  const revert = await openRevert(journal, github, tools);
  const { git } = tools.repository;
  if (!(await hasCommit(git, content.head.sha))) await fetchObjects(git, base.remote, `refs/pull/${pull}/head`);
  const remoteOf: UndoVoyage["remoteOf"] = (fullName) => {
    const [owner, name] = (fullName ?? "").split("/");
    const found = owner && name ? remoteFor({ ...base.repository, owner, name }, wiring) : null;
    return found?.name ?? base.remote;
  };
  return { pull, revert, ...(await putBack(deleted, { git, base, remoteOf })), dryRun };
}

/** The pull request that takes the merge back: one that is there already is the one. */
async function openRevert(journal: Journal, github: GitHub, tools: ShipTools) {
  const { pull: number, head, undone } = journal.content;
  if (undone !== null) return { number: undone.pull, url: undone.url };
  // GitHub's own name for the branch of a revert.
  const name = `revert-${number}-${head.branch}`;
  const found = await github.find({ heads: isBranchName(name) ? [name] : [], number, commit: null });
  if (found.numbered === null || !found.numbered.merged) throw new BulkheadError("SHIP_NOT_SHIPPED", { pull: number });
  const there = found.pulls.find((pull) => pull.open && !pull.head.fork);
  const revert = there ?? (await github.revert(found.numbered));
  journal.noteUndone(revert, tools.now());
  return { number: revert.number, url: revert.url };
}

async function putBack(deleted: readonly StepResult[], voyage: UndoVoyage) {
  const restored: string[] = [];
  const failed: string[] = [];
  for (const { step } of deleted) {
    const definition = definitionOf(step);
    try {
      const done = (await definition?.undo?.(step, voyage)) ?? null;
      if (done !== null) restored.push(done);
    } catch (thrown) {
      failed.push(`${definition?.label ?? step.kind}: ${asBulkheadError(thrown).message}`);
    }
  }
  return { restored, failed };
}
