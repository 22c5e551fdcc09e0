import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { availableGits } from "../support/gits.ts";
import { expectCommit, expectNoCommit, guardedGround, switchAway } from "../support/guarded-ground.ts";
import type { TestRepository } from "../support/repository.ts";
import { exactSessionText } from "../support/session-texts.ts";

/** A program of this system that makes a pipe; nothing in Node does. */
const makesPipes = spawnSync("mkfifo", ["--version"]).status === 0;
if (!makesPipes) process.stderr.write("A pipe in place of the session file is not tried: there is no mkfifo.\n");
const isRoot = process.getuid?.() === 0;
if (!isRoot) process.stderr.write("Another user's session file is not tried: that takes root.\n");

describe.each(availableGits())("with the $name git, a session file", (git) => {
  let work: TestRepository;
  const file = () => join(work.path, ".session.json");
  const put = (bytes: Uint8Array | string) => writeFileSync(file(), bytes);
  const text = exactSessionText("feat/x");

  beforeEach(() => {
    work = guardedGround(git).work;
  });

  test.each([
    ["with Windows line ends", text.replaceAll("\n", "\r\n")],
    ["with a byte order mark", `\ufeff${text}`],
    ["on one line", JSON.stringify(JSON.parse(text))],
    ["with keys of somebody else", JSON.stringify({ ...JSON.parse(text), theirs: { any: ["thing"] } }, null, 2)],
    ["with tabs", text.replaceAll("  ", "\t")],
    ["without its last line end", text.trimEnd()],
  ])("%s counts", (_, content) => {
    put(content);
    expectCommit(work);
    switchAway(work);
    expect(expectNoCommit(work)).toContain("feat/x");
  });

  test("that is a link to a good one counts", () => {
    const real = join(dirname(work.path), "session-of-work.json");
    renameSync(file(), real);
    symlinkSync(real, file());
    expectCommit(work);
    switchAway(work);
    expectNoCommit(work);
  });

  test.each([".session.json", ".worktree.json"])("that a branch brings (%s) decides nothing", (name) => {
    const main = work.at(join(dirname(work.path), "clone"));
    // A branch that says of itself that it is expected, and one commit earlier of another.
    main.git("switch", "-q", "-c", "brings");
    main.write(name, exactSessionText("elsewhere"));
    main.git("add", "-f", name);
    main.git("commit", "-q", "-m", "bring a session file");
    main.write(name, exactSessionText("brings"));
    main.git("add", "-f", name);
    // The main checkout is nobody's, whatever the file says.
    expectCommit(main);
    main.git("switch", "-q", "main");
    const expected = () => work.bulkheadJson(["guard", "--check"]);
    work.git("switch", "-q", "brings");
    expect(expectNoCommit(work)).toContain("Expected 'feat/x' but found 'brings'");
    expect(expected()).toMatchObject({ exitCode: 1 });
    expect(work.git("status", "--porcelain")).toBe("");
    work.git("switch", "-q", "feat/x");
    expectCommit(work);
    expect(expected()).toMatchObject({ exitCode: 0 });
    // A worktree made for that branch is its own from the start, and the branch's file stays as it is.
    const made = work.at(join(dirname(work.path), "made"));
    work.git("worktree", "add", "-q", made.path, "brings");
    expectCommit(made);
    expect(made.git("status", "--porcelain")).toBe("");
    switchAway(made);
    expect(expectNoCommit(made)).toContain("Expected 'brings' but found 'astray'");
  });

  test("that a person wrote is known from the first commit on, text and all", () => {
    const other = `${JSON.stringify({ expectedBranch: "feat/x", by: "hand" })}\n`;
    put(other);
    expectCommit(work);
    expect(work.read(".session.json")).toBe(other);
    expect(work.run("cat", [work.git("rev-parse", "--git-path", "bulkhead-worktree/expected")]).stdout).toBe(
      "refs/heads/feat/x\n",
    );
    work.git("branch", "feat/y");
    put(other.replace("feat/x", "feat/y"));
    expect(expectNoCommit(work)).toContain("Expected 'feat/y' but found 'feat/x'");
    work.git("switch", "-q", "feat/y");
    expectCommit(work);
  });

  test.each([
    ["empty", "", "is empty"],
    ["no JSON", "{ expectedBranch: feat/x }\n", "not valid JSON"],
    ["cut off", text.slice(0, 60), "not valid JSON"],
    ["a list", "[]\n", "does not hold a JSON object"],
    ["without a branch", '{\n  "session": "s"\n}\n', "names no expectedBranch"],
    ["with a number for the branch", '{\n  "expectedBranch": 7\n}\n', "not a text"],
    ["with no valid branch name", '{\n  "expectedBranch": "feat/..x"\n}\n', "not a valid branch name"],
    ["of 10 MB", text.replace("host", `host",\n  "session": "${"long ".repeat(2_000_000)}`), "bytes long"],
  ])("that is %s stops commits and says why", (_, content, fault) => {
    put(content);
    const said = expectNoCommit(work);
    expect(said).toContain(".session.json");
    expect(said).toContain(fault);
    expect(said).toMatch(/ expect \S+$/m);
  });

  test.each([
    ["a link to nothing", () => symlinkSync("nowhere.json", file()), "does not exist"],
    ["a link to itself", () => symlinkSync(".session.json", file()), "leads to itself"],
    ["a directory", () => mkdirSync(file()), "is a directory"],
    ...(makesPipes ? [["a pipe", () => void spawnSync("mkfifo", [file()]), "is no file"] as const] : []),
  ] as const)("that is %s stops commits and says why", (_, make, fault) => {
    rmSync(file());
    make();
    const said = expectNoCommit(work);
    expect(said).toContain(".session.json");
    expect(said).toContain(fault);
  });

  test("that says the claim is lost stops commits on its branch, and names who has it", () => {
    const lost = { ...JSON.parse(text), sdKey: "SD-7", claimLost: { by: "Grace", at: "2026-03-01T11:00:00Z" } };
    put(`${JSON.stringify(lost, null, 2)}\n`);
    const said = expectNoCommit(work);
    for (const part of ["Grace", "SD-7", "2026-03-01T11:00:00Z", "safe"]) expect(said).toContain(part);
  });
});

for (const git of isRoot ? availableGits() : []) {
  test(`with the ${git.name} git, a session file that this user may not read stops commits and says why`, () => {
    const { work, clone, directory } = guardedGround(git);
    chmodSync(directory, 0o755);
    // A repository that everybody may write to, but for the session file of its owner.
    clone.run("chmod", ["-R", "a+rwX", clone.path, work.path]);
    chmodSync(join(work.path, ".session.json"), 0o600);
    const before = work.snapshot();
    const env = { ...work.env, GIT_CONFIG_COUNT: "1", GIT_CONFIG_KEY_0: "safe.directory", GIT_CONFIG_VALUE_0: "*" };
    const commit = (...options: string[]) =>
      spawnSync("git", ["commit", "--allow-empty", "-m", "theirs", ...options], {
        cwd: work.path,
        env: { ...env, HOME: directory },
        uid: 65534,
        gid: 65534,
        encoding: "utf8",
      });
    for (const options of [[], ["--no-verify"]]) {
      const { status, stderr } = commit(...options);
      expect([status === 0, stderr]).toEqual([false, expect.stringContaining("cannot be read by this user")]);
    }
    expect(work.snapshot()).toBe(before);
    chmodSync(join(work.path, ".session.json"), 0o644);
    expect(commit().status).toBe(0);
  });
}
