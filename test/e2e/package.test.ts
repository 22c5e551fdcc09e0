import { rmSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { installPackage, packedFiles } from "../support/installed-package.ts";
import { createGround } from "../support/repository.ts";

describe("the published package", () => {
  let files: string[];
  beforeAll(() => {
    files = packedFiles(createGround().clone);
  });

  test("holds everything that a user needs", () => {
    const needed = ["dist/cli.js", "dist/index.js", "dist/guard.mjs", "dist/hooks/guard.sh"].concat([
      "dist/heartbeat.js",
      "dist/THIRD-PARTY-NOTICES.md",
      "migrations/sqlite/0001_sessions.sql",
      "README.md",
      "LICENSE",
      "package.json",
    ]);
    expect(files).toEqual(expect.arrayContaining(needed));
  });

  test("holds nothing else", () => {
    const allowed = [
      /^dist\/((cli|index|heartbeat)\.js|package\.json|guard\.mjs|THIRD-PARTY-NOTICES\.md)$/,
      /^dist\/chunks\/[\w.-]+\.js$/,
      /^dist\/hooks\/[\w-]+\.sh$/,
      /^dist\/types\/([\w-]+\/)*[\w-]+\.d\.ts$/,
      /^migrations\/([\w-]+\/)*[\w.-]+\.sql$/,
      /^(LICENSE|README\.md|CHANGELOG\.md|package\.json)$/,
      // The guides that the README sends people to.
      /^docs\/(guard|ci|net|questions|sessions|team-store|shipping|recovering|worktrees)\.md$/,
    ];
    expect(files.filter((file) => !allowed.some((pattern) => pattern.test(file)))).toEqual([]);
  });
});

test("the package installs from its tarball without the network or any install script, and guards commits", () => {
  const { clone } = createGround();
  const npx = installPackage(clone);
  // npm warns of every script that it would have to run.
  expect(JSON.parse(clone.read("node_modules/bulkhead/package.json"))).not.toHaveProperty("scripts");
  expect(npx("bulkhead", "--version")).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+/) });

  const program = `const { BulkheadError } = await import("bulkhead"); process.stdout.write(BulkheadError.name)`;
  expect(clone.run(process.execPath, ["--input-type=module", "-e", program]).stdout).toBe("BulkheadError");

  expect(npx("bulkhead", "init")).toMatchObject({ exitCode: 0 });
  const allowed = clone.commit("with the guard armed");
  expect(clone.git("rev-parse", "main")).toBe(allowed);

  clone.write(".session.json", `${JSON.stringify({ session: "s", expectedBranch: "feat/x" }, null, 2)}\n`);
  clone.write("more.txt", "more");
  clone.git("add", "more.txt");
  const refused = clone.tryGit(["commit", "-m", "on the wrong branch"]);
  expect(refused.exitCode).not.toBe(0);
  expect(refused.stderr).toContain("Expected 'feat/x' but found 'main'");
  expect(clone.git("rev-parse", "main")).toBe(allowed);

  // What hooks run is a copy in the clone: it holds without the package, too.
  rmSync(join(clone.path, "node_modules"), { recursive: true });
  expect(clone.tryGit(["commit", "--no-verify", "-m", "still"]).exitCode).not.toBe(0);
  expect(clone.git("rev-parse", "main")).toBe(allowed);
});
