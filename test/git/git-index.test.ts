import { join } from "node:path";
import { expect, test } from "vitest";
import { isInIndex } from "../../src/files/git-index.ts";
import { createGround, TestRepository } from "../support/repository.ts";
import { scratchDirectory } from "../support/scratch.ts";

const has = (repository: TestRepository, path: string) =>
  isInIndex(join(repository.path, ".git"), join(repository.path, ".git"), path);

test.each([
  ["version 2", "2", []],
  ["version 4", "4", []],
  ["a split index", "2", ["update-index", "--split-index"]],
])("finds a path at the top in an index of %s, and no other", (_, version, more) => {
  const { clone } = createGround();
  clone.git("update-index", "--index-version", version);
  for (const name of [".a", ".session.jso", "-x", "+", "dir/.session.json", ".session.json2", "zeta"])
    clone.write(name, name);
  clone.git("add", "-A");
  if (more.length > 0) clone.git(...more);
  expect(has(clone, ".session.json")).toBe(false);
  expect(has(clone, ".session.jso")).toBe(true);
  clone.write(".session.json", "{}");
  // Version 3 is what git writes for an entry with more flags.
  clone.git("add", "-f", "--intent-to-add", ".session.json");
  expect(has(clone, ".session.json")).toBe(true);
  clone.git("add", "-f", ".session.json");
  expect(["+", "-x", ".a", ".session.json", ".session.json2", "zeta"].map((path) => has(clone, path))).not.toContain(
    false,
  );
});

test("finds it where objects have longer names, and in no index at all", () => {
  const { env } = createGround();
  const repository = new TestRepository(scratchDirectory(), env);
  repository.git("init", "-q", "--object-format=sha256");
  expect(has(repository, ".session.json")).toBe(false);
  for (const name of [".a", ".session.json"]) repository.write(name, name);
  repository.git("add", "-f", "-A");
  expect([has(repository, ".session.json"), has(repository, ".a"), has(repository, ".b")]).toEqual([true, true, false]);
});
