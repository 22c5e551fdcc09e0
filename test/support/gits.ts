import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** A git to run a test or a bench on. */
export interface AvailableGit {
  readonly name: "system" | "current";
  readonly version: string;
  /** The directory to put first on the PATH, for `createGround({ git: bin })`; none for the system's. */
  readonly bin?: string;
}

/**
 * The machine's own git, and a current one where `BULKHEAD_CURRENT_GIT` names its directory
 * (`scripts/current-git.sh` gets one on Debian).
 * @throws Error when that directory holds no working git
 */
export function availableGits(): AvailableGit[] {
  const bin = process.env.BULKHEAD_CURRENT_GIT ?? "";
  const system: AvailableGit = { name: "system", version: versionOf(process.env.PATH) };
  if (bin === "") return [system];
  // Without this the next git on the PATH, the system's, would answer and be taken for a current one.
  if (!existsSync(join(bin, "git"))) throw new Error(`BULKHEAD_CURRENT_GIT names ${bin}, which holds no git`);
  return [system, { name: "current", version: versionOf([bin, process.env.PATH].join(delimiter)), bin }];
}

/** Whether a git is at least of a version, as `2.54`. */
export function isAtLeast(git: AvailableGit, wanted: string): boolean {
  const [major = 0, minor = 0] = git.version.split(".").map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = wanted.split(".").map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

function versionOf(path: string | undefined): string {
  const { stdout, error } = spawnSync("git", ["--version"], { env: { ...process.env, PATH: path }, encoding: "utf8" });
  const version = /^git version (\d+\.\d+(\.\d+)?)/.exec(stdout ?? "")?.[1];
  if (version === undefined) throw error ?? new Error(`no git on ${path}`);
  return version;
}
