import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { PullState } from "./double-repository.ts";
import { pushDirectly } from "./ground.ts";
import { overSsh } from "./local-ssh.ts";
import { createShipGround, type ShipGround } from "./ship-ground.ts";

/** A ground that can be put back to where it was, as often as needed. */
export interface Story {
  readonly ground: ShipGround;
  readonly env: NodeJS.ProcessEnv;
  /** The commit that is shipped. */
  readonly head: string;
  readonly putBack: () => void;
}

/**
 * A branch that nobody has checked out, with another pull request that stands on it: everything that a ship can do is done
 * to it, and each effect can be seen from outside.
 * @param unpushed whether its last commit is only here
 */
export async function createStory(unpushed: boolean): Promise<Story> {
  const ground = await createShipGround();
  const { work, repository } = ground;
  work.git("branch", "feat/child");
  pushDirectly(work, repository, "feat/child");
  await repository.openPull({ head: "feat/child", base: "feat/x" });
  const head = unpushed ? work.commit("more") : ground.sha;
  work.git("switch", "-q", "-c", "aside");
  work.write("mine.txt", "mine\n");
  return { ...remember(ground), head };
}

/** Takes a ground as it is now: its files, and what the double keeps beside them. */
function remember(ground: ShipGround): Omit<Story, "head"> {
  const { directory, repository, github } = ground;
  const env = overSsh(ground);
  const kept = join(directory, "kept");
  const parts = ["clone", "work", "github"];
  for (const part of parts) cpSync(join(directory, part), join(kept, part), { recursive: true });
  const pulls = [...repository.pulls.values()].map((pull) => ({ ...pull }));
  const putBack = () => {
    for (const part of parts) {
      rmSync(join(directory, part), { recursive: true, force: true });
      cpSync(join(kept, part), join(directory, part), { recursive: true });
    }
    repository.pulls.clear();
    for (const pull of pulls) repository.pulls.set(pull.number, { ...pull, approvals: [] } satisfies PullState);
    repository.asyncMerges.clear();
    github.requests.length = 0;
    github.forgetFaults();
  };
  return { ground, env, putBack };
}

/** What has to be so in the end, whatever happened on the way. @param name says which way it was */
export async function expectShipped({ ground, head }: Story, name: string): Promise<void> {
  const { repository, clone, work } = ground;
  const { bare } = repository;
  const remote = await bare.git(["for-each-ref", "--format=%(refname:short)", "refs/heads"]);
  const [own, child] = [repository.pulls.get(1), repository.pulls.get(2)];
  const seen = {
    merged: own?.merged !== null,
    // The commits of the base's own line that brought something in.
    merges: await bare.git(["rev-list", "--count", "--merges", "refs/heads/main"]),
    contains: await bare.isAncestor(head, "refs/heads/main"),
    remote: remote.split("\n"),
    local: clone.git("for-each-ref", "--format=%(refname:short)", "refs/heads").split("\n"),
    base: clone.git("rev-parse", "refs/heads/main") === (await bare.commitOf("refs/heads/main")),
    child: [child?.state, child?.baseRef],
    checkouts: [clone.branch(), work.branch(), clone.git("status", "--porcelain"), work.git("status", "--porcelain")],
  };
  expect([name, seen]).toEqual([
    name,
    {
      merged: true,
      merges: "1",
      contains: true,
      remote: ["feat/child", "main"],
      local: ["aside", "feat/child", "main"],
      base: true,
      child: ["open", "main"],
      checkouts: ["main", "aside", "", "?? mine.txt"],
    },
  ]);
}
