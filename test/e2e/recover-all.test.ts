import { expect, test } from "vitest";
import { having, scanJson } from "../support/recover.ts";
import { createGround } from "../support/repository.ts";

test("an agent ran the worst commands; whoever types what recover prints has everything back", () => {
  const { clone } = createGround();
  const told = () => clone.bulkhead(["recover", "--blobs"]).stdout;
  const type = (text: string, pattern: RegExp) => {
    for (const [, line = ""] of text.matchAll(pattern)) {
      const [program, ...words] = line.split(" ");
      // What is printed starts this very program, by whatever way it was installed.
      const own = words.indexOf("recover");
      if (program !== "git" && own >= 0) expect(clone.bulkhead(words.slice(own)).exitCode).toBe(0);
      else clone.run("sh", ["-c", line]);
    }
  };
  clone.git("switch", "-q", "-c", "feat/x");
  clone.commit("one", { "one.txt": "one\n" });
  clone.commit("two", { "two.txt": "two\n" });
  clone.git("reset", "-q", "--hard", "HEAD~2");
  clone.git("switch", "-q", "-c", "feat/gone");
  clone.commit("gone", { "gone.txt": "gone\n" });
  clone.git("switch", "-q", "main");
  clone.git("branch", "-q", "-D", "feat/gone");
  const tree = clone.addWorktree("tree", "feat/tree");
  tree.commit("in a worktree", { "tree.txt": "tree\n" });
  clone.git("worktree", "remove", "--force", tree.path);
  clone.git("branch", "-q", "-D", "feat/tree");
  clone.write("README.md", "stashed\n");
  clone.write("untracked.txt", "untracked\n");
  clone.git("stash", "-q", "-u");
  clone.git("stash", "drop", "-q");
  clone.write("staged.txt", "staged\n");
  clone.git("add", "-A");
  clone.git("reset", "-q", "--hard");
  const page = told();
  type(page, /^ +((?:\S+ )+recover --recover [0-9a-f]{7})$/gm);
  const branches = clone.git("branch", "--list", "recovery/*").split("\n");
  expect(branches).toHaveLength(3);
  for (const branch of branches) clone.git("merge", "-q", "--no-edit", branch.trim());
  type(page, /^ {2}(git stash apply [0-9a-f]{40})$/gm);
  type(page, /^ +(git cat-file blob .*)$/gm);
  for (const name of ["one", "two", "gone", "tree"]) expect(clone.read(`${name}.txt`)).toBe(`${name}\n`);
  expect([clone.read("README.md"), clone.read("untracked.txt")]).toEqual(["stashed\n", "untracked\n"]);
  expect(clone.run("sh", ["-c", "cat *.recovered"]).stdout).toBe("staged\n");
  expect(having(scanJson(clone), "lost")).toEqual([]);
});
