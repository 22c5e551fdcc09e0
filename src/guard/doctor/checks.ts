import { existsSync } from "node:fs";
import { join } from "node:path";
import { typed } from "../../domain/invocation.ts";
import { HEADS } from "../../domain/ref-names.ts";
import type { Git } from "../../git/git.ts";
import { isRecentEnough, readGitVersion } from "../../git/version.ts";
import { readBypasses } from "../../layout/bypass-log.ts";
import { readGuardConf } from "../../layout/guard-conf.ts";
import { commonLayout } from "../../layout/paths.ts";
import { armedHere } from "../armed.ts";
import type { InstallFacts, WorktreeFacts } from "../install/facts.ts";
import { gitOf } from "../install/observe.ts";
import { planInstall } from "../install/plan.ts";
import { findUnseen } from "../unseen.ts";
import { checkLfs } from "./lfs-check.ts";

/** One thing that doctor looked at. */
export interface Check {
  readonly name: string;
  /** `warning` does not make doctor fail: people should know, but are protected. */
  readonly state: "ok" | "warning" | "failed";
  readonly detail: string;
}

const ok = (name: string, detail: string): Check => ({ name, state: "ok", detail });
const warning = (name: string, detail: string): Check => ({ name, state: "warning", detail });
const failed = (name: string, detail: string): Check => ({ name, state: "failed", detail });

/** Bypasses younger than this are told, in milliseconds. */
const RECENT = 7 * 24 * 60 * 60 * 1000;

/** Checks everything that trials cannot show. Reads only. @param now milliseconds since 1970 */
export async function checkInstallation(facts: InstallFacts, git: Git, now: number): Promise<Check[]> {
  const worktrees = await Promise.all(facts.worktrees.map((worktree) => checkWorktree(worktree, git, facts)));
  return [
    await checkGit(git),
    checkNode(facts.commonDir),
    checkDrift(facts),
    ...worktrees.flat(),
    checkBypasses(facts.commonDir, now),
    ...(await checkLfs(facts, git)),
    ...facts.worktrees.flatMap((worktree) => checkPackages(worktree, facts)),
    ...facts.worktrees.flatMap((worktree) => checkUnseen(worktree, facts.commonDir)),
  ];
}

async function checkGit(git: Git): Promise<Check> {
  const version = await readGitVersion(git);
  return isRecentEnough(version) ? ok("git", version.text) : failed("git", `${version.text} is older than 2.38`);
}

function checkNode(commonDir: string): Check {
  const node = readGuardConf(commonLayout(commonDir).guardConf)?.node ?? "";
  if (node !== "" && existsSync(node)) return ok("node for the hooks", node);
  return failed("node for the hooks", `${node || "none"} is gone; run: ${typed("init")}`);
}

/** What `init` would change now is what has drifted since it ran: hooks, settings, a hooks path set later. */
function checkDrift(facts: InstallFacts): Check {
  const never = facts.read(commonLayout(facts.commonDir).installRecord) === null;
  if (never) return failed("installation", `Bulkhead is not set up in this clone; run: ${typed("init")}`);
  const drifted = planInstall({ ...facts, packageJson: null }).changes.map(({ path }) => path);
  if (drifted.length === 0) return ok("installation", "as init leaves it");
  const shown = [...drifted.slice(0, 3), ...(drifted.length > 3 ? [`and ${drifted.length - 3} more`] : [])];
  return failed("installation", `not as init leaves it (${shown.join(", ")}); run: ${typed("init")}`);
}

async function checkWorktree(worktree: WorktreeFacts, git: Git, facts: InstallFacts): Promise<Check[]> {
  const { topLevel, expectation, branch, linked } = worktree;
  const found = await armedHere(gitOf(git, topLevel, worktree.gitDir), facts.commonDir);
  const hooks = found.armed
    ? ok("hooks", topLevel)
    : failed("hooks", `${topLevel}: ${found.because}; run: ${found.fix}`);
  return [hooks, checkExpectation()];

  function checkExpectation(): Check {
    if (expectation.kind === "invalid") {
      return failed(
        "session file",
        `${topLevel}: ${expectation.file} ${expectation.fault}; run: ${typed("expect <branch>")}`,
      );
    }
    if (expectation.kind === "missing") {
      const nobody = facts.requireSession
        ? "nobody's session, so commits are refused (bulkhead.requireSession)"
        : `guarded for nobody until ${typed("start <item>")} (or bulkhead.requireSession)`;
      return linked
        ? failed("session file", `${topLevel}: missing, so commits are refused; run: ${typed("worktree --adopt")}`)
        : ok("session file", `main checkout ${topLevel}: ${nobody}`);
    }
    const expected = expectation.content.expectedBranch;
    if (branch === expected) return ok("session file", `${topLevel}: on ${expected}`);
    return warning(
      "session file",
      `${topLevel}: expects ${expected}, is on ${branch ?? "no branch"}; commits are refused`,
    );
  }
}

/** Hooks of the repository's own that call packages fail where a worktree has none. */
function checkPackages({ topLevel, linked, usedHooks }: WorktreeFacts, { mainTop }: InstallFacts): Check[] {
  const has = (directory: string, name: string) => existsSync(join(directory, name));
  const lacks =
    linked && has(topLevel, "package.json") && !has(topLevel, "node_modules") && has(mainTop, "node_modules");
  if (!lacks || usedHooks.length === 0) return [];
  const hooks = usedHooks.join(", ");
  return [
    warning("packages", `${topLevel}: no node_modules, so hooks of your own may fail there (${hooks}); run: npm ci`),
  ];
}

function checkBypasses(commonDir: string, now: number): Check {
  const bypasses = readBypasses(commonDir);
  if (bypasses === null) return warning("bypasses", "the log is another user's, and not for this one to read");
  const recent = bypasses.filter(({ at }) => now - Date.parse(at) < RECENT);
  const last = recent.at(-1);
  if (last === undefined) return ok("bypasses", "none in 7 days");
  return warning(
    "bypasses",
    `${recent.length} in 7 days, last by ${last.user} at ${last.at}: ${last.command} (${last.code})`,
  );
}

function checkUnseen({ topLevel, branch }: WorktreeFacts, commonDir: string): Check[] {
  if (branch === null) return [];
  const unseen = findUnseen([`${HEADS}${branch}`], { place: { commonDir }, cwd: topLevel, env: process.env });
  if (unseen.length === 0) return [];
  const shown = unseen.slice(0, 5).map(({ sha, what }) => `${sha.slice(0, 12)} ${what}`);
  return [warning("made with hooks off", `${branch}: ${shown.join("; ")}${unseen.length > 5 ? "; and more" : ""}`)];
}
