import { expect, it } from "vitest";
import { compareSessions, type LocalSession } from "../../src/app/overlaps.ts";
import { parseSessionId } from "../../src/domain/names.ts";
import { NetGround } from "./ground.ts";

it("overlaps count commits and uncommitted work alike, and tell a conflict from files that merge", async () => {
  const net = new NetGround(6);
  net.worktree(0).commit("committed", { "kept.txt": "of a\ntwo\nthree\n4\n5\n6\n" });
  net.worktree(1).write("kept.txt", "one\ntwo\nof b\n");
  net.worktree(2).write("kept.txt", "of c\ntwo\nthree\n");
  net.worktree(3).write("own.txt", "nobody else's\n");
  net.worktree(4).write("new.txt", "of e\n");
  net.worktree(5).write("gone.txt", "of the last\n");
  net.clone.commit("the base moves", { "gone.txt": "of the base\n" });
  net.clone.git("push", "-q", "origin", "main");

  const sessions: LocalSession[] = net.worktrees.map(({ path }, i) => ({
    id: parseSessionId(`session_${i}`),
    item: `ITEM-${i}`,
    worktree: path,
  }));
  const { overlaps, sessions: compared } = await net.in(net.clone, (clone) => compareSessions(clone, sessions, "test"));
  expect(compared).toBe(6);
  const shown = overlaps.map(({ between, with_base: base, files, conflicts }) => ({
    who: [...between.map(({ item }) => item), ...(base ? ["base"] : [])].join(" "),
    files: files.filter((file) => file !== ".session.json").join(" "),
    conflicts: conflicts.filter((file) => file !== ".session.json").join(" "),
  }));
  expect(shown.filter(({ files }) => files !== "")).toEqual([
    { who: "ITEM-0 ITEM-1", files: "kept.txt", conflicts: "kept.txt" },
    { who: "ITEM-0 ITEM-2", files: "kept.txt", conflicts: "kept.txt" },
    { who: "ITEM-1 ITEM-2", files: "kept.txt", conflicts: "" },
    { who: "ITEM-5 base", files: "gone.txt", conflicts: "gone.txt" },
  ]);
});
