import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { copyProgram } from "../support/installed-package.ts";
import { createGround, type Finished } from "../support/repository.ts";

const [ADA, BO, GROUP] = [54_321, 54_322, 54_400];
const isRoot = process.getuid?.() === 0;
if (!isRoot) process.stderr.write("A clone of two users is not tried: only root can be two users.\n");

/** Two users of one group in one clone that git shares among them; the clone is the first one's. */
function sharedGround() {
  const { clone, origin, directory } = createGround();
  const program = copyProgram(directory);
  for (const shared of [clone, origin]) shared.git("config", "core.sharedRepository", "group");
  for (const args of [
    ["chown", "-R", `${ADA}:${GROUP}`, directory],
    ["chmod", "-R", "g+rwX", directory],
    ["find", directory, "-type", "d", "-exec", "chmod", "g+s", "{}", "+"],
  ]) {
    expect(spawnSync(args[0] ?? "", args.slice(1)).status).toBe(0);
  }
  const user = (uid: number, name: string) => {
    const home = join(directory, `home of ${name}`);
    mkdirSync(home);
    spawnSync("chown", [`${uid}:${GROUP}`, home]);
    const env = {
      ...clone.env,
      ...{ HOME: home, GIT_CONFIG_GLOBAL: join(home, ".gitconfig"), XDG_CONFIG_HOME: join(home, ".config") },
      ...{ GIT_AUTHOR_NAME: name, GIT_COMMITTER_NAME: name, USER: name },
    };
    const as = { uid, gid: GROUP, env, encoding: "utf8" } as const;
    const run = (cwd: string, file: string, args: string[], more: NodeJS.ProcessEnv = {}): Finished => {
      const { status, stdout, stderr } = spawnSync(file, args, { ...as, cwd, env: { ...env, ...more } });
      return { exitCode: status, stdout, stderr };
    };
    run(home, "git", ["config", "--global", "safe.directory", "*"]);
    return {
      git: (cwd: string, ...args: string[]) => run(cwd, "git", args),
      skipping: (cwd: string, ...args: string[]) => run(cwd, "git", args, { SKIP_BRANCH_GUARD: "1" }),
      bulkhead: (cwd: string, ...args: string[]) => run(cwd, process.execPath, [program, ...args]),
    };
  };
  return { main: clone.path, directory, ada: user(ADA, "Ada"), bo: user(BO, "Bo") };
}

const silent = { exitCode: 0, stderr: "" };

test.runIf(isRoot)("two users work in a clone that core.sharedRepository gives to their group", () => {
  const { main, directory, ada, bo } = sharedGround();
  const [of_ada, of_bo] = [join(directory, "ada"), join(directory, "bo")];
  expect(ada.bulkhead(main, "init", "--no-scripts", "--protect", "release")).toMatchObject(silent);
  const places = [
    { user: ada, at: of_ada, branch: "feat/ada", item: "ADA-1" },
    { user: bo, at: of_bo, branch: "feat/bo", item: "BO-1" },
  ];
  for (const { user, at, branch, item } of places) {
    expect(user.git(main, "worktree", "add", "-q", "-b", branch, at)).toMatchObject(silent);
    expect(user.bulkhead(at, "start", item)).toMatchObject({ exitCode: 0, stderr: "" });
  }
  // In turns, so that each writes after the other into every file that both use.
  for (const round of ["one", "two"]) {
    for (const { user, at, branch } of places) {
      expect(user.git(at, "commit", "-q", "--allow-empty", "-m", round)).toMatchObject(silent);
      expect(user.git(at, "push", "-q", "origin", branch)).toMatchObject(silent);
      expect(user.git(at, "push", "-q", "origin", "HEAD:release").exitCode).toBe(1);
      expect(user.git(main, "commit", "-q", "--allow-empty", "-m", `${round} in the main checkout`)).toMatchObject(
        silent,
      );
    }
  }
  for (const { user } of places) {
    const { stdout } = user.bulkhead(main, "sessions");
    for (const item of ["ADA-1", "BO-1"]) expect(stdout).toContain(item);
  }
  // Who went astray is refused, the way back works, and a bypass is put on record, whoever asked first.
  for (const { user, at, branch } of places) {
    expect(user.git(at, "switch", "-q", "-c", `${branch}-astray`).exitCode).toBe(0);
    const refused = user.git(at, "commit", "-q", "--allow-empty", "-m", "no");
    expect([refused.exitCode, refused.stderr]).toEqual([1, expect.stringContaining(`git switch ${branch}`)]);
    expect(user.skipping(at, "commit", "-q", "--allow-empty", "-m", "all the same").stderr).toContain("recorded");
    expect(user.git(at, "switch", "-q", branch).exitCode).toBe(0);
    expect(user.git(at, "commit", "-q", "--allow-empty", "-m", "back")).toMatchObject(silent);
  }
  const log = readFileSync(join(main, ".git/bulkhead/bypass.log"), "utf8");
  for (const name of ["Ada", "Bo"]) expect(log).toContain(`"user":"${name}"`);
  // The second one arms again, also over a hook that a tool has changed, and the first one goes on.
  spawnSync("sh", ["-c", 'echo "echo tool" >>pre-push'], {
    cwd: join(main, ".git/bulkhead/hooks"),
    uid: BO,
    gid: GROUP,
  });
  expect(bo.bulkhead(main, "init", "--no-scripts")).toMatchObject(silent);
  for (const { user, at, branch } of places) {
    expect(user.git(at, "commit", "-q", "--allow-empty", "-m", "after it")).toMatchObject(silent);
    expect(user.git(at, "push", "-q", "origin", branch)).toMatchObject({ exitCode: 0 });
    expect(user.git(at, "push", "-q", "origin", "HEAD:release").stderr).toContain("is protected");
    expect(user.bulkhead(at, "release", "--end")).toMatchObject({ exitCode: 0 });
  }
});

test.runIf(isRoot)("one commit by root in a user's clone disturbs neither", () => {
  const { main, ada } = sharedGround();
  expect(ada.bulkhead(main, "init", "--no-scripts")).toMatchObject(silent);
  const env = { ...process.env, HOME: join(main, "..", "home"), GIT_CONFIG_COUNT: "1" };
  const root = (...args: string[]) =>
    spawnSync("git", args, {
      cwd: main,
      encoding: "utf8",
      env: { ...env, GIT_CONFIG_KEY_0: "safe.directory", GIT_CONFIG_VALUE_0: "*" },
    });
  spawnSync("rm", ["-f", join(main, ".git/bulkhead/seen.log")]);
  const identity = ["-c", "user.name=root", "-c", "user.email=root@example.test"];
  const { status, stderr } = root(...identity, "commit", "-q", "--allow-empty", "-m", "by root");
  expect([status, stderr]).toEqual([0, ""]);
  // What git itself has written as root is for the user to put right, not for the guard.
  spawnSync("chown", [
    "-R",
    `${ADA}:${GROUP}`,
    join(main, ".git/objects"),
    join(main, ".git/logs"),
    join(main, ".git/refs"),
  ]);
  for (const file of ["index", "COMMIT_EDITMSG"]) spawnSync("chown", [`${ADA}:${GROUP}`, join(main, ".git", file)]);
  expect(ada.git(main, "commit", "-q", "--allow-empty", "-m", "by its user")).toMatchObject(silent);
  expect(ada.git(main, "push", "-q", "origin", "main")).toMatchObject(silent);
});
