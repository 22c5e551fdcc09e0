import { expect, test } from "vitest";
import { describeResidue, putBackCommand, type Residue } from "../../../src/guard/put-back.ts";
import { on, SHA } from "./facts-builder.ts";

const nothing: Residue = {
  command: "",
  head: on("x"),
  target: SHA.new,
  mergeInProgress: false,
  pickInProgress: false,
  indexMoved: false,
  filesMoved: false,
};
const walkBack = `git read-tree -m -u ${SHA.new} HEAD`;

test.each<[string, Partial<Residue>, string | null]>([
  ["cherry-pick", { pickInProgress: true }, "git cherry-pick --abort"],
  ["cherry-pick", {}, "git reset --merge"],
  ["revert", { pickInProgress: true }, "git revert --abort"],
  ["revert", {}, "git reset --merge"],
  ["am", {}, "git am --abort"],
  ["rebase", {}, "git rebase --abort"],
  ["merge", { mergeInProgress: true, filesMoved: true }, "git merge --abort"],
  ["merge", { filesMoved: true }, walkBack],
  ["merge", {}, null],
  ["pull", { filesMoved: true }, walkBack],
  ["reset", { filesMoved: true, indexMoved: true }, walkBack],
  ["reset", { indexMoved: true }, "git reset"],
  ["reset", {}, null],
  ["commit", {}, null],
  ["branch", { filesMoved: true }, null],
  ["", {}, null],
])("a refused '%s' (%j) is put back with: %s", (command, more, expected) => {
  const residue = { ...nothing, command, ...more };
  expect(putBackCommand(residue)).toBe(expected);
  if (expected === null) expect(describeResidue(residue)).toContain("Nothing was changed");
  else expect(describeResidue(residue)).toContain(`with: ${expected}`);
});
