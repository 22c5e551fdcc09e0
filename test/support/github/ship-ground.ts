import { inClone } from "../../../src/app/clone.ts";
import { shipTools } from "../../../src/app/ship.ts";
import { asBulkheadError, type ErrorCode, errorDocument } from "../../../src/domain/error.ts";
import type { ShipRequest } from "../../../src/ship/facts.ts";
import { exitCodeOf, type ShipDocument, shipDocument } from "../../../src/ship/result.ts";
import { ship } from "../../../src/ship/ship.ts";
import type { Finished, Running, TestRepository } from "../repository.ts";
import type { PullState } from "./double-repository.ts";
import type { LoggedRequest } from "./github-double.ts";
import { createGitHubGround, type GitHubGround, pushDirectly } from "./ground.ts";

/** What `ship --json` printed: its document, or an error. */
export interface Shipped {
  readonly exitCode: number | null;
  readonly json: ShipDocument & {
    error?: { code: ErrorCode; message: string; hint: string; data: Record<string, unknown> };
  };
  readonly stderr: string;
}

export interface ShipGround extends GitHubGround {
  /** A linked worktree on the branch, clean, all of it pushed. The clone itself stays on `main`. */
  readonly work: TestRepository;
  readonly branch: string;
  readonly pull: PullState;
  readonly sha: string;
}

/** A GitHub ground with a pull request that is ready: one commit on a branch in a worktree of its own. */
export async function createShipGround(branch = "feat/x"): Promise<ShipGround> {
  const ground = await createGitHubGround();
  const work = ground.clone.addWorktree("work", branch);
  const sha = work.commit("work", { "work.txt": "work\n" });
  pushDirectly(work, ground.repository, branch);
  const pull = await ground.repository.openPull({ head: branch, title: "Do the work" });
  return { ...ground, work, branch, pull, sha };
}

/** Whether a request would change something on GitHub. */
export function isWrite({ method }: LoggedRequest): boolean {
  return method !== "GET" && method !== "QUERY";
}

/** Whether a request asks for a merge by the classic way. */
export function isMerge({ method, path }: LoggedRequest): boolean {
  return method === "PUT" && path.endsWith("/merge");
}

/** Starts `bulkhead ship --json` with the ground's token. */
export function startShip(
  ground: GitHubGround,
  at: TestRepository,
  args: string[],
  env: NodeJS.ProcessEnv = {},
): Running {
  return at.startBulkhead(["ship", ...args, "--json"], { env: { GITHUB_TOKEN: ground.token, ...env } });
}

export async function runShip(
  ground: GitHubGround,
  at: TestRepository,
  args: string[] = [],
  env: NodeJS.ProcessEnv = {},
): Promise<Shipped> {
  return shipped(await startShip(ground, at, args, env).finished);
}

/** A ship without any option. */
export const PLAIN_REQUEST: ShipRequest = {
  target: null,
  expectBranch: null,
  method: null,
  push: false,
  create: null,
  expectHead: null,
  via: "merge",
  keepBranch: false,
  deleteBranch: false,
  retire: false,
  dryRun: false,
  waitMs: null,
};

/**
 * Ships in this very process, with a clock on which every pause passes at once: for what GitHub and git make of a ship
 * rather than for the command line.
 */
export async function shipHere(
  ground: GitHubGround,
  at: TestRepository,
  request: Partial<ShipRequest> = {},
): Promise<Omit<Shipped, "stderr">> {
  const env = { ...ground.env, GITHUB_TOKEN: ground.token };
  let time = Date.now();
  const clock = {
    now: () => new Date(time),
    sleep: async (ms: number) => {
      time += ms;
    },
  };
  try {
    const result = await inClone({ directory: at.path, env }, async (clone) =>
      ship({ ...PLAIN_REQUEST, ...request }, { ...(await shipTools(clone)), ...clock }),
    );
    return { exitCode: exitCodeOf(result), json: shipDocument(result) };
  } catch (thrown) {
    const error = asBulkheadError(thrown);
    return { exitCode: error.exitCode, json: errorDocument(error) as unknown as Shipped["json"] };
  }
}

/** Parses what a ship printed: exactly one document. */
export function shipped({ exitCode, stdout, stderr }: Finished): Shipped {
  return { exitCode, json: JSON.parse(stdout) as Shipped["json"], stderr };
}

/** Somebody else's commit on the base, straight in the bare repository. @returns the new tip */
export async function moveRemoteBase(ground: GitHubGround, file = "other.txt", base = "main"): Promise<string> {
  const { bare } = ground.repository;
  const tip = (await bare.commitOf(`refs/heads/${base}`)) ?? "";
  const blob = await bare.git(["hash-object", "-w", "--stdin"], {}, "other\n");
  const tree = await bare.git(["mktree"], {}, `${await bare.git(["ls-tree", tip])}\n100644 blob ${blob}\t${file}\n`);
  const identity = { GIT_AUTHOR_NAME: "Bob", GIT_AUTHOR_EMAIL: "b@example.test" };
  const commit = await bare.git(["commit-tree", tree, "-p", tip, "-m", "other"], identity);
  await bare.git(["update-ref", `refs/heads/${base}`, commit]);
  return commit;
}
