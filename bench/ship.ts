import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseBranchName } from "../src/domain/names.ts";
import { fetchInto } from "../src/git/remotes.ts";
import { createGit } from "../src/git/run-git.ts";
import { syncBase } from "../src/ship/sync-base.ts";
import { createGitHubGround, type GitHubGround, pushDirectly } from "../test/support/github/ground.ts";
import { moveRemoteBase } from "../test/support/github/ship-ground.ts";
import type { TestRepository } from "../test/support/repository.ts";
import type { Comparison } from "./harness/comparison.ts";

const ROUNDS = 15;

/**
 * What a ship of a ready pull request costs by itself, and what bringing the base up to date costs beside the one fetch
 * that it needs. GitHub is a double on this machine, so times on the network are as short as they can be.
 */
export async function bench(): Promise<Comparison[]> {
  const [shipping, syncing] = [await createGitHubGround(), await createGitHubGround()];
  const ship = await prepareShips(shipping);
  const requests: number[] = [];
  return [
    {
      title:
        "ship, a ready pull request: processor time of the program itself, its start included, without git's and the network's",
      contenders: [
        { name: "what is promised", sample: () => 250 },
        {
          name: "bulkhead ship",
          async sample() {
            const { milliseconds, requests: asked } = await ship();
            requests.push(asked);
            return milliseconds;
          },
        },
      ],
      rounds: ROUNDS,
      bars: [{ of: "bulkhead ship", than: "what is promised", most: 1 }],
    },
    {
      title: "ship, a ready pull request: API requests, all look-ups included",
      unit: "requests",
      contenders: [
        { name: "what is promised", sample: () => 8 },
        { name: "bulkhead ship", sample: (round) => requests[round] ?? Number.NaN },
      ],
      rounds: ROUNDS,
      bars: [{ of: "bulkhead ship", than: "what is promised", most: 1 }],
    },
    {
      title: "bringing the local base up to date, which nobody has checked out",
      contenders: await syncContenders(syncing),
      rounds: ROUNDS,
      bars: [{ of: "fetch, proof and move", than: "git fetch", most: 1.3 }],
    },
  ];
}

/** Says at its end what the process itself has used. */
const METER = `process.on("exit", () => {
  const { user, system } = process.cpuUsage();
  require("node:fs").writeFileSync(process.env.BENCH_METER, String((user + system) / 1000));
});\n`;

async function prepareShips(ground: GitHubGround): Promise<() => Promise<{ milliseconds: number; requests: number }>> {
  const { clone, repository, directory, github, token } = ground;
  const [meter, out] = [join(directory, "meter.cjs"), join(directory, "meter")];
  writeFileSync(meter, METER);
  clone.git("switch", "-q", "-c", "elsewhere");
  const work = clone.addWorktree("work", "feat/0", "main");
  let number = 0;
  return async () => {
    number++;
    await clone.gitAsync("fetch", "-q", "origin");
    work.git("switch", "-q", "-c", `feat/${number}`, "--no-track", "origin/main");
    work.commit(`work ${number}`);
    pushDirectly(work, repository, `feat/${number}`);
    await repository.openPull({ head: `feat/${number}` });
    github.requests.length = 0;
    const env = { GITHUB_TOKEN: token, NODE_OPTIONS: `--require ${pathToFileURL(meter).pathname}`, BENCH_METER: out };
    const { exitCode, stderr } = await work.startBulkhead(["ship", "--json"], { env }).finished;
    if (exitCode !== 0) throw new Error(`ship exited ${exitCode}: ${stderr}`);
    return { milliseconds: Number(readFileSync(out, "utf8")), requests: github.requests.length };
  };
}

async function syncContenders(ground: GitHubGround): Promise<Comparison["contenders"]> {
  const { clone, env, directory } = ground;
  clone.git("switch", "-q", "-c", "elsewhere");
  const bare = clone.at(join(directory, "peer"));
  clone.run("cp", ["-r", clone.path, bare.path]);
  const base = parseBranchName("main");
  const tracking = "refs/remotes/origin/main";
  const timed = async (act: () => Promise<unknown>) => {
    const start = performance.now();
    await act();
    return performance.now() - start;
  };
  const fresh = (round: number) => moveRemoteBase(ground, `round-${round}-${Math.random()}.txt`);
  const ours = async (at: TestRepository) => {
    const git = createGit(at.path, { env });
    await fetchInto(git, "origin", base, tracking);
    const commonDir = join(at.path, ".git");
    const { state } = await syncBase({
      git,
      topLevel: at.path,
      commonDir,
      tracking,
      base,
      env,
      saveWork: async () => {},
    });
    if (state !== "updated") throw new Error(`the base is ${state}`);
  };
  return [
    {
      name: "git fetch",
      async sample(round) {
        await fresh(round);
        return timed(() => bare.gitAsync("fetch", "-q", "origin", "refs/heads/main:refs/heads/main"));
      },
    },
    {
      name: "fetch, proof and move",
      async sample(round) {
        await fresh(round);
        return timed(() => ours(clone));
      },
    },
  ];
}
