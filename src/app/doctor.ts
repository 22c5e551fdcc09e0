import { describeSource, type Settings } from "../config/settings.ts";
import { type Check, checkInstallation } from "../guard/doctor/checks.ts";
import { clearAbandoned } from "../guard/doctor/leftovers.ts";
import { isTrialBranch, openFiringRange } from "../guard/doctor/range.ts";
import { fireRounds, type RoundResult } from "../guard/doctor/rounds.ts";
import { observeInstall } from "../guard/install/observe.ts";
import { isProtectPattern } from "../guard/protect.ts";
import type { Clone } from "./clone.ts";
import { checkServices } from "./doctor-services.ts";
import { checkSnapshots } from "./doctor-snapshots.ts";
import { isProcessAlive } from "./process-alive.ts";

/** What doctor tried and looked at. */
export interface DoctorDocument {
  readonly protected: boolean;
  readonly coverage: readonly RoundResult[];
  readonly checks: readonly Check[];
  /** The main checkout without a session is nobody's: unguarded by design. `none` in a bare repository. */
  readonly main_checkout: "guarded" | "unguarded" | "none";
  /** Every setting with where it came from. */
  readonly settings: Readonly<Record<string, { readonly value: unknown; readonly source: string }>>;
}

/** Proves that this clone is protected: tries every operation live and looks at everything else. */
export async function doctor(clone: Clone): Promise<DoctorDocument> {
  const { repository } = clone;
  const { git } = repository;
  await clearAbandoned(git, repository.commonDir, isProcessAlive);
  const settings = await clone.settings();
  const observe = async () => {
    const observed = await observeInstall(repository, {
      protect: settings.protect.value.filter(isProtectPattern),
      protectToStore: [],
      requireSession: settings.requireSession.value,
      addScripts: false,
      addPrepare: false,
    });
    // Another doctor may be at work in its own throwaway worktree.
    return { ...observed, worktrees: observed.worktrees.filter(({ branch }) => !isTrialBranch(branch)) };
  };
  clone.progress("Firing live rounds in a throwaway worktree …");
  const range = await openFiringRange(git, await observe(), clone.env.PATH ?? "");
  const rounds = await fireRounds(range, git).finally(() => range.close());
  clone.progress("Looking at the installation …");
  // Hooks mend what they can when they run (a node that has moved, a tool's hook in our place): what is left is wrong.
  const facts = await observe();
  const installation = await checkInstallation(facts, git, clone.clock().getTime());
  const checks = [...installation, ...(await checkServices(clone)), await checkSnapshots(clone)];
  const safe = rounds.every((round) => round.protected) && checks.every(({ state }) => state !== "failed");
  const main = facts.worktrees.find(({ linked }) => !linked);
  const unguarded = main?.expectation.kind === "missing" && !facts.requireSession;
  return {
    protected: safe,
    coverage: rounds,
    checks,
    main_checkout: main === undefined ? "none" : unguarded ? "unguarded" : "guarded",
    settings: describeSettings(settings),
  };
}

function describeSettings(settings: Settings): DoctorDocument["settings"] {
  return Object.fromEntries(
    Object.entries(settings).map(([name, { value, source }]) => [name, { value, source: describeSource(source) }]),
  );
}
