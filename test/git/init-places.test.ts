import { chmodSync, chownSync, existsSync, lstatSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { GIT_TRAFFIC, listFiles } from "../support/file-listing.ts";
import { copyProgram } from "../support/installed-package.ts";
import { createGround, type TestRepository } from "../support/repository.ts";

/** A commit on the wrong branch for this worktree is refused, also without the hooks that --no-verify skips. */
function expectGuarded(worktree: TestRepository): void {
  const file = join(worktree.path, ".session.json");
  const own = existsSync(file) ? worktree.read(".session.json") : null;
  worktree.write(".session.json", '{\n  "session": "s",\n  "expectedBranch": "elsewhere"\n}\n');
  for (const args of [[], ["--no-verify"]]) {
    const { exitCode, stderr } = worktree.tryGit(["commit", "--allow-empty", "-m", "trial", ...args]);
    expect(stderr).toContain("Expected 'elsewhere'");
    expect(exitCode).not.toBe(0);
  }
  if (own === null) rmSync(file);
  else worktree.write(".session.json", own);
}

test("a bare repository with linked worktrees", () => {
  const { origin, directory } = createGround();
  const one = origin.at(join(directory, "one"));
  origin.git("worktree", "add", "-q", one.path, "-b", "feat/one");
  const before = listFiles(origin.path, GIT_TRAFFIC);
  expect(origin.bulkhead(["init"]).exitCode).toBe(0);
  expect(JSON.parse(one.read(".session.json"))).toMatchObject({ expectedBranch: "feat/one" });
  one.commit("allowed");
  const two = one.addWorktree("two", "feat/two");
  two.commit("allowed too");
  expectGuarded(one);
  expectGuarded(two);
  one.git("worktree", "remove", "--force", two.path);
  one.git("reset", "-q", "--hard", "HEAD~1");
  one.git("branch", "-q", "-D", "feat/two");
  origin.bulkhead(["init"]);
  expect(origin.bulkhead(["init", "--remove"]).exitCode).toBe(0);
  const { "packed-refs": _, ...after } = listFiles(origin.path, GIT_TRAFFIC);
  expect(after).toEqual(before);
});

test("a submodule is a repository of its own, and its parent stays as it was", () => {
  const { clone, directory } = createGround();
  const inner = createGround();
  clone.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", inner.origin.path, "libs/inner");
  clone.git("commit", "-q", "-m", "submodule");
  const submodule = clone.at(join(clone.path, "libs/inner"));
  const parent = listFiles(join(clone.path, ".git"), ["modules", ...GIT_TRAFFIC]);
  expect(submodule.bulkhead(["init"]).exitCode).toBe(0);
  expect(listFiles(join(clone.path, ".git"), ["modules", ...GIT_TRAFFIC])).toEqual(parent);
  expectGuarded(submodule);
  submodule.commit("allowed in the submodule");
  clone.commit("allowed in the parent");
  expect(submodule.bulkheadJson<{ checks: { state: string }[] }>(["doctor"])).toMatchObject({ exitCode: 0 });
  const linked = submodule.at(join(directory, "linked of the submodule"));
  submodule.git("worktree", "add", "-q", "-b", "feat/x", linked.path);
  linked.commit("allowed in its linked worktree");
  expectGuarded(linked);
});

test("called in a linked worktree it arms all of the clone", () => {
  const { clone } = createGround();
  const linked = clone.addWorktree("linked", "feat/linked");
  const other = clone.addWorktree("other", "feat/other");
  expect(linked.bulkhead(["init"]).exitCode).toBe(0);
  for (const worktree of [clone, linked, other]) expectGuarded(worktree);
  expect(other.bulkhead(["init", "--remove"]).exitCode).toBe(0);
  expect(existsSync(join(clone.path, ".git/bulkhead"))).toBe(false);
});

test("an empty repository: the first commit is made, and guarded", () => {
  const { clone, directory } = createGround();
  clone.run("git", ["init", "-q", "-b", "main", join(directory, "fresh")]);
  const fresh = clone.at(join(directory, "fresh"));
  expect(fresh.bulkhead(["init", "--protect", "main"]).exitCode).toBe(0);
  expectGuarded(fresh);
  fresh.commit("first");
  expect(fresh.tryGit(["commit", "--allow-empty", "-m", "second"]).stderr).toContain("'main' is protected");
});

test("a detached worktree is named, and gets no session file", () => {
  const { clone, directory } = createGround();
  clone.git("worktree", "add", "-q", "--detach", join(directory, "detached"));
  const { exitCode, json } = clone.bulkheadJson<{ undecided: string[]; adopted: string[] }>(["init"]);
  expect({ exitCode, undecided: json.undecided, adopted: json.adopted }).toEqual({
    exitCode: 0,
    undecided: [join(directory, "detached")],
    adopted: [],
  });
  const { stderr } = clone.at(join(directory, "detached")).tryGit(["commit", "--allow-empty", "-m", "x"]);
  expect(stderr).toContain("has no .session.json");
});

test("a git directory that the user may not write gives one clear sentence", ({ annotate, skip }) => {
  const { clone, directory } = createGround();
  const root = process.getuid?.() === 0;
  if (process.platform === "win32") skip("permissions are not kept so on Windows");
  const program = copyProgram(directory);
  if (root) {
    annotate("run as nobody, because root may write everything");
    for (const path of [directory, ...walk(directory)]) chownSync(path, 65_534, 65_534);
  }
  for (const path of ["", "info", "hooks"]) chmodSync(join(clone.path, ".git", path), 0o555);
  const args = [program, "init"];
  const nobody = root ? ["--reuid=65534", "--regid=65534", "--clear-groups", process.execPath] : [];
  const { exitCode, stderr } = root
    ? clone.run("setpriv", [...nobody, ...args], { check: false })
    : clone.run(process.execPath, args, { check: false });
  for (const path of ["", "info", "hooks"]) chmodSync(join(clone.path, ".git", path), 0o755);
  expect(exitCode).toBe(3);
  expect(stderr).toMatch(/^bulkhead: .+\/\.git\/bulkhead\/install\.json could not be written: EACCES\n.+\n$/);
  expect(existsSync(join(clone.path, ".git/bulkhead"))).toBe(false);
});

function walk(directory: string): string[] {
  return readdirSync(directory).flatMap((name) => {
    const path = join(directory, name);
    return lstatSync(path).isDirectory() ? [path, ...walk(path)] : [path];
  });
}
