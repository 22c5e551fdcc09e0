import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { showSnapshot } from "../../src/app/snapshot.ts";
import type { TestRepository } from "../support/repository.ts";
import { NetGround, readTree, work, writeBytes } from "./ground.ts";

function gitDir(worktree: TestRepository): string {
  return worktree.git("rev-parse", "--absolute-git-dir");
}

/** The index, byte for byte and with its times, and which other files lie beside it. */
function indexOf(worktree: TestRepository): string {
  const path = join(gitDir(worktree), "index");
  const { mtimeNs, ctimeNs, ino } = statSync(path, { bigint: true });
  const names = readdirSync(gitDir(worktree)).filter((name) => name.includes("index"));
  return [mtimeNs, ctimeNs, ino, names, readFileSync(path, "hex")].join("\n");
}

function litter(worktree: TestRepository): string[] {
  const directory = join(gitDir(worktree), "bulkhead-worktree");
  return readdirSync(directory).filter((name) => name.startsWith("snapshot-index"));
}

describe("a snapshot", () => {
  it("gives back every name, mode and byte, through filters too, and leaves the worktree's index alone", async () => {
    const net = new NetGround(1);
    const worktree = net.worktree();
    worktree.commit("filtered", {
      ".gitattributes": "*.crlf text\n*.id ident\n*.bin -text\n*.low filter=lower\n",
      "a.crlf": "one\ntwo\n",
      "a.id": "$Id$\n",
      "a.low": "lower\n",
      "turns/into/a-file": "deep\n",
      "becomes-a-directory": "flat\n",
      "runs.sh": "#!/bin/sh\n",
      link: "no link yet\n",
    });
    worktree.git("config", "core.autocrlf", "true");
    worktree.git("config", "filter.lower.clean", "tr A-Z a-z");
    // From here on git checks files out with CRLF.
    worktree.git("rm", "-rfq", "--cached", ".");
    worktree.git("reset", "-q", "--hard");
    const names = ["new\nline", "\xff\xfe not utf-8", "-dash", 'quo"te', "tab\t", "ünï", " blank ", "back\\slash"];
    for (const name of names) writeBytes(worktree, name, `${name}\r\nmixed\nends\r\n\0\xff`);
    worktree.write("a.crlf", "one\r\ntwo\nthree\r\n");
    worktree.write("a.id", "$Id: was expanded once $\nmore\n");
    worktree.write("a.low", "UPPER\n");
    worktree.write("empty", "");
    rmSync(join(worktree.path, "turns"), { recursive: true });
    worktree.write("turns", "a file now\n");
    rmSync(join(worktree.path, "becomes-a-directory"));
    worktree.write("becomes-a-directory/inner.txt", "deep\n");
    chmodSync(join(worktree.path, "runs.sh"), 0o755);
    rmSync(join(worktree.path, "link"));
    symlinkSync("/nowhere/at all", join(worktree.path, "link"));
    symlinkSync("becomes-a-directory", join(worktree.path, "to-directory"));
    worktree.write(".env", "IGNORED=1\r\n");
    worktree.write("build/output", "nobody's\n");
    worktree.git("add", "becomes-a-directory", "runs.sh");
    worktree.write("becomes-a-directory/inner.txt", "changed again\n");

    const { "build/output": _, ...tree } = readTree(worktree.path);
    const staged = worktree.git("write-tree");
    const before = indexOf(worktree);
    const id = await net.takeOne(worktree);
    expect(indexOf(worktree)).toBe(before);
    expect((await net.take(worktree))[0]).toMatchObject({ outcome: "unchanged", id });
    expect(await net.content(worktree, id)).toEqual(tree);

    worktree.git("reset", "-q", "--hard");
    worktree.git("clean", "-ffdxq", "-e", ".session.json");
    // Nothing is deleted, so a directory in the place of a file has to be moved away first.
    await expect(net.restore(worktree, { snapshot: id })).rejects.toMatchObject({ code: "SNAPSHOT_IN_THE_WAY" });
    rmSync(join(worktree.path, "turns"), { recursive: true });
    const back = await net.restore(worktree, { snapshot: id });
    expect(readTree(worktree.path)).toEqual(tree);
    expect(back.index).toBe("restored");
    expect(worktree.git("write-tree")).toBe(staged);
    expect(litter(worktree)).toEqual([]);
  });

  it("shows nowhere but in its own list, and reaches nobody who fetches or is pushed to", async () => {
    const net = new NetGround(1);
    const worktree = net.worktree();
    net.clone.bulkhead(["init", "--no-scripts"]);
    work(worktree, "secret");
    await net.takeOne(worktree);
    expect(net.clone.git("for-each-ref", "--format=%(objecttype)", "refs/bulkhead/snapshots")).toBe("tree");
    expect(net.clone.git("log", "--all", "--format=%s%d")).not.toMatch(/bulkhead|napshot/);
    expect(net.clone.tryGit(["fsck", "--no-dangling"]).exitCode).toBe(0);

    expect(net.ground.origin.git("ls-remote", net.clone.path)).not.toContain("bulkhead");
    const mirror = net.clone.tryGit(["push", "-q", "--mirror", "origin"]);
    expect(mirror.exitCode).not.toBe(0);
    expect(mirror.stderr).toMatch(/refs\/bulkhead\/snapshots.*hold uncommitted work.*git push <remote> --all/s);
    expect(net.ground.origin.refs()).not.toContain("bulkhead");
    const others = ["push", "-q", "origin", "refs/*:refs/*", "^refs/bulkhead/*", "^refs/stash", "^refs/remotes/*"];
    net.clone.git(...others);
    expect(net.ground.origin.refs()).toContain("feat/0");
    // A remote that has them from elsewhere may be rid of them.
    net.clone.git("-c", "core.hooksPath=/dev/null", "push", "-q", "origin", "refs/bulkhead/*:refs/bulkhead/*");
    const name = net.clone.git("for-each-ref", "--format=%(refname)", "refs/bulkhead/snapshots");
    net.clone.git("push", "-q", "origin", `:${name}`);
    expect(net.ground.origin.refs()).not.toContain("bulkhead");
  });

  it("names what it does not hold: large files, repositories in it, submodules' work; and what is half resolved", async () => {
    const net = new NetGround(1);
    const { clone } = net;
    const worktree = net.worktree();
    worktree.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", net.ground.origin.path, "sub");
    worktree.git("commit", "-q", "-m", "with a submodule");
    worktree.at(join(worktree.path, "sub")).commit("inside");
    worktree.write("sub/work.txt", "uncommitted in the submodule\n");
    worktree.git("init", "-q", "nested");
    worktree.write("nested/file", "of its own\n");
    worktree.git("config", "bulkhead.snapshotMaxFile", "1k");
    worktree.write("large.bin", "x".repeat(1025));
    worktree.write("small.bin", "x".repeat(1024));
    const [row] = await net.take(worktree);
    expect(row?.submodules).toEqual(["sub"]);
    expect(row?.left_out).toEqual([
      { path: "large.bin", because: "too large", bytes: 1025 },
      { path: "nested/", because: "a repository of its own", bytes: 0 },
    ]);
    expect(await net.content(worktree, row?.id ?? "")).toHaveProperty("small.bin");

    const other = clone.addWorktree("conflicting", "feat/conflict", "HEAD~1");
    other.commit("theirs", { "kept.txt": "theirs\n", "gone.txt": "theirs\n" });
    other.tryGit(["merge", "-q", "main"]);
    other.write("kept.txt", "resolved by hand\n");
    const [half] = await net.take(other);
    expect(half?.conflicts).toEqual(["gone.txt", "kept.txt"]);
    const tree = readTree(other.path);
    expect(tree["gone.txt"]).toContain("<<<<<<<");
    expect(await net.content(other, half?.id ?? "")).toEqual(tree);
    expect(other.git("ls-files", "-u")).not.toBe("");
  });

  it("is taken before the first commit, of a detached HEAD, and of a sparse checkout", async () => {
    const net = new NetGround(1);
    const worktree = net.worktree();
    const empty = worktree.at(join(net.ground.directory, "empty"));
    mkdirSync(empty.path);
    empty.git("init", "-q");
    empty.write("first.txt", "before any commit\n");
    empty.write("staged.txt", "staged\n");
    empty.git("add", "staged.txt");
    const first = await net.takeOne(empty);
    expect(await net.content(empty, first)).toEqual(readTree(empty.path));
    const shown = await net.in(empty, (clone) => showSnapshot(clone, null));
    expect(shown.changes.map(({ path, what }) => `${what} ${path}`)).toEqual(["added first.txt", "added staged.txt"]);

    worktree.git("switch", "-q", "--detach");
    worktree.git("sparse-checkout", "set", "--no-cone", "/kept.txt");
    worktree.write("kept.txt", "in a sparse checkout\n");
    const sparse = await net.takeOne(worktree);
    worktree.git("checkout", "-q", "--", ".");
    await net.restore(worktree, { snapshot: sparse });
    expect(readTree(worktree.path)).toEqual({ "kept.txt": "in a sparse checkout\n" });
    expect(worktree.git("status", "--porcelain", "-uno")).toBe(" M kept.txt");
  });
});

describe("restoring into the worktree", () => {
  it("saves first what is there, deletes nothing, and refuses what no snapshot could save", async () => {
    const net = new NetGround(1);
    const worktree = net.worktree();
    worktree.write("data.bin", "then\n");
    worktree.write("kept.txt", "then\n");
    rmSync(join(worktree.path, "gone.txt"));
    const then = await net.takeOne(worktree);
    worktree.write("kept.txt", "now\n");
    worktree.write("gone.txt", "back\n");
    worktree.write("later.txt", "later\n");
    const now = readTree(worktree.path);
    const back = await net.restore(worktree, { snapshot: then });
    expect(back.left_in_place).toEqual(["gone.txt"]);
    expect(readTree(worktree.path)).toEqual({ ...now, "kept.txt": "then\n" });
    await net.restore(worktree, { snapshot: back.before });
    expect(readTree(worktree.path)).toEqual(now);

    worktree.git("config", "bulkhead.snapshotMaxFile", "1k");
    worktree.write("data.bin", "x".repeat(2000));
    const refused = expect.objectContaining({ code: "SNAPSHOT_IN_THE_WAY" });
    await expect(net.restore(worktree, { snapshot: then })).rejects.toEqual(refused);
    // Other files of it are no matter.
    await net.restore(worktree, { snapshot: then, paths: [join(worktree.path, "kept.txt")] });
    rmSync(join(worktree.path, "data.bin"));
    worktree.write("data.bin/inner", "a directory by now\n");
    await expect(net.restore(worktree, { snapshot: then })).rejects.toEqual(refused);
    rmSync(join(worktree.path, "data.bin"), { recursive: true });
    worktree.write(".git-ignored", "");
    worktree.write(".gitignore", "data.bin\n");
    worktree.write("data.bin", "ignored by now\n");
    await expect(net.restore(worktree, { snapshot: then })).rejects.toEqual(refused);
    expect(worktree.read("data.bin")).toBe("ignored by now\n");
    worktree.git("update-index", "--assume-unchanged", "kept.txt");
    worktree.write("kept.txt", "hidden from git\n");
    const one = { snapshot: then, paths: [join(worktree.path, "kept.txt")] };
    await expect(net.restore(worktree, one)).rejects.toEqual(refused);
  });
});

describe("several at once", () => {
  it("all succeed, a kill -9 leaves only what the next one clears, and commits beside them meet no lock", async () => {
    const net = new NetGround(1);
    const worktree = net.worktree();
    work(worktree, "shared");
    const locked = new Set<string>();
    let going = true;
    const commits = (async () => {
      for (let i = 0; going; i++) {
        const commit = ["-c", "core.hooksPath=/dev/null", "commit", "-q", "--allow-empty", "-m", `beside ${i}`];
        const { exitCode, stderr } = await worktree.start("git", commit).finished;
        if (exitCode !== 0) locked.add(stderr);
      }
    })();
    for (let round = 0; round < 3; round++) {
      worktree.write("notes/round.txt", `round ${round}\n`);
      const killed = worktree.startBulkhead(["snapshot"]);
      const taken = [1, 2].map(() => worktree.startBulkhead(["snapshot", "--json"]).finished);
      await new Promise((resolve) => setTimeout(resolve, 120 * round));
      killed.child.kill("SIGKILL");
      for (const { exitCode, stderr } of await Promise.all(taken)) expect(exitCode, stderr).toBe(0);
      await killed.finished;
    }
    going = false;
    await commits;
    expect([...locked]).toEqual([]);
    const tree = readTree(worktree.path);
    const id = await net.takeOne(worktree);
    expect(await net.content(worktree, id)).toEqual(tree);
    worktree.write("last.txt", "last\n");
    await net.takeOne(worktree);
    expect(litter(worktree)).toEqual([]);
  });
});
