import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { TestRepository } from "../support/repository.ts";
import { NetGround, readTree, type Tree, work } from "./ground.ts";

/** What destroys uncommitted work, as arguments of git, one command after the other. */
const ATTACKS: readonly (readonly string[])[] = [
  ["reset --hard"],
  ["reset --hard HEAD~1"],
  ["reset --mixed HEAD~1"],
  ["reset --merge"],
  ["checkout -- ."],
  ["checkout -f"],
  ["checkout -q -f --detach HEAD~1"],
  ["checkout HEAD -- kept.txt"],
  ["checkout -q -f -B feat/elsewhere HEAD~1"],
  ["restore ."],
  ["restore --staged --worktree ."],
  ["restore --source=HEAD~1 --staged --worktree ."],
  ["switch -q --discard-changes --detach HEAD~1"],
  ["switch -q -f -c feat/other"],
  ["clean -fdq"],
  ["clean -fdxq"],
  ["clean -ffdxq -e nothing"],
  ["stash push -q"],
  ["stash push -q -u", "stash drop -q"],
  ["stash push -q -a", "stash clear"],
  ["stash push -q -S", "reset -q --hard", "stash clear"],
  ["stash pop -q"],
  ["reset -q --hard", "stash pop -q stash@{1}"],
  ["rm -rfq ."],
  ["rm -fq kept.txt added.txt"],
  ["mv -f added.txt kept.txt"],
  ["read-tree -u --reset HEAD"],
  ["read-tree --empty", "checkout-index -f -a"],
  ["checkout-index -f -a"],
  ["add -A", "reset -q --hard"],
  ["sparse-checkout set --no-cone /nothing", "sparse-checkout disable"],
  [
    "-c core.hooksPath=/dev/null commit -q -a --amend -m x",
    "reset -q --hard HEAD~1",
    "reflog expire --expire=now --all",
  ],
  ["reset -q --hard", "clean -fdxq", "gc -q --prune=now"],
];

/** Runs an attack from a worktree upon another. */
function attack(from: TestRepository, victim: TestRepository, commands: readonly string[]): void {
  for (const command of commands) from.tryGit(["-C", victim.path, ...command.split(" ")]);
}

/** Puts a worktree back to where the table starts. */
function settle(worktree: TestRepository, branch: string, start: string, mark: string): void {
  worktree.tryGit(["checkout", "-q", "-f", "-B", branch, start]);
  worktree.git("clean", "-ffdxq", "-e", ".session.json");
  work(worktree, mark);
}

describe("destructive commands, from the right and from the wrong worktree", () => {
  it("lose nothing that a snapshot has seen, in any of six sessions", async () => {
    const net = new NetGround(6);
    const [start, victim] = [net.clone.head(), net.worktree()];
    for (const [i, worktree] of net.worktrees.entries()) work(worktree, `of ${i}`);
    const others = net.worktrees.slice(1).map((worktree) => readTree(worktree.path));
    const kept = new Map<string, { commands: readonly string[]; tree: Tree }>();
    await net.take(net.clone, true);
    const stashes = net.clone.git("stash", "list", "--format=%H").split("\n");

    for (const [i, commands] of ATTACKS.entries()) {
      const mark = `round ${i}`;
      settle(victim, "feat/0", start, mark);
      const [tree, staged] = [readTree(victim.path), victim.git("write-tree")];
      const id = await net.takeOne(victim);
      kept.set(id, { commands, tree });
      attack(net.worktree(i % 2 === 0 ? 0 : 3), victim, commands);

      const back = await net.restore(victim, { snapshot: id });
      expect(readTree(victim.path), commands.join(" && ")).toMatchObject(tree);
      if (back.index === "restored") expect(victim.git("write-tree")).toBe(staged);
    }

    // All of them, after everything that came later, a gc, and the loss of the worktree itself.
    net.clone.git("worktree", "remove", "-f", "-f", victim.path);
    net.clone.git("gc", "-q", "--prune=now");
    for (const [id, { commands, tree }] of [...kept].slice(-8)) {
      expect(await net.content(net.clone, id), commands.join(" && ")).toEqual(tree);
    }
    expect(net.worktrees.slice(1).map((worktree) => readTree(worktree.path))).toEqual(others);
    expect(stashes.length).toBe(6);
    expect(existsSync(join(net.clone.path, ".git", "index.lock"))).toBe(false);
  });
});
