import { join } from "node:path";
import { expect, test } from "vitest";
import { createGround, type TestRepository } from "../support/repository.ts";

/** A package without dependencies, with the prepare script committed that `init --prepare` writes. */
function createPackage(scripts: Record<string, string>): TestRepository {
  const { clone } = createGround();
  clone.commit("package", { "package.json": `${JSON.stringify({ name: "x", version: "1.0.0", scripts }, null, 2)}\n` });
  expect(clone.bulkhead(["init", "--prepare"]).exitCode).toBe(0);
  clone.git("commit", "-q", "-am", "arm the guard for everyone");
  clone.git("push", "-q", "origin", "main");
  return clone;
}

function npmInstall(repository: TestRepository) {
  const env = { npm_config_cache: join(repository.path, "..", "npm-cache"), npm_config_update_notifier: "false" };
  const args = ["install", "--ignore-scripts=false", "--offline", "--no-audit", "--no-fund", "--foreground-scripts"];
  return repository.run("npm", args, { env, check: false });
}

test("the change can be committed, and keeps what the prepare script did before", () => {
  const clone = createPackage({ prepare: "echo built >built.txt", test: "true" });
  const { scripts } = JSON.parse(clone.read("package.json")) as { scripts: Record<string, string> };
  expect(scripts.prepare).toMatch(/^echo built >built\.txt && \(bulkhead init --quiet \|\| echo .+\)$/);
  expect(scripts).toMatchObject({ test: "true", "git:recover": "bulkhead recover", "sd:start": "bulkhead start" });
  expect(clone.git("status", "--porcelain")).toBe("");
});

test("a colleague without Bulkhead gets a sentence, and npm install succeeds", () => {
  const clone = createPackage({ prepare: "echo built >built.txt" });
  clone.git("clone", "-q", join(clone.path, "../origin.git"), join(clone.path, "../colleague"));
  const colleague = clone.at(join(clone.path, "../colleague"));
  const { exitCode, stdout } = npmInstall(colleague);
  expect(exitCode).toBe(0);
  expect(stdout).toContain("Bulkhead is not armed here. Install it and run: npx bulkhead init");
  expect(colleague.read("built.txt")).toBe("built\n");
  expect(colleague.tryGit(["config", "core.hooksPath"]).exitCode).toBe(1);
});

test("a prepare script of others that fails still fails npm install", () => {
  const clone = createPackage({ prepare: "exit 4" });
  expect(npmInstall(clone).exitCode).not.toBe(0);
});

test("outside git, as in a build image, npm install succeeds too", () => {
  const clone = createPackage({});
  const image = clone.at(join(clone.path, "../image"));
  image.write("package.json", clone.read("package.json"));
  // With the command at hand, as if it were installed.
  const cli = join(process.cwd(), "dist/cli.js");
  image.write("node_modules/.bin/bulkhead", `#!/bin/sh\nexec '${process.execPath}' '${cli}' "$@"\n`);
  image.run("chmod", ["+x", "node_modules/.bin/bulkhead"]);
  const { exitCode, stdout, stderr } = npmInstall(image);
  expect(exitCode).toBe(0);
  expect(stdout).toContain("Bulkhead is not armed here.");
  expect(stderr).toContain("is not inside a git repository");
  expect(stderr).not.toContain("    at ");
});

test("a colleague with Bulkhead is armed by npm install, which leaves the tree clean", () => {
  const clone = createPackage({});
  clone.git("clone", "-q", join(clone.path, "../origin.git"), join(clone.path, "../colleague"));
  const colleague = clone.at(join(clone.path, "../colleague"));
  const cli = join(process.cwd(), "dist/cli.js");
  colleague.write(".git/info/exclude", "node_modules\npackage-lock.json\n");
  colleague.write("node_modules/.bin/bulkhead", `#!/bin/sh\nexec '${process.execPath}' '${cli}' "$@"\n`);
  colleague.run("chmod", ["+x", "node_modules/.bin/bulkhead"]);
  expect(npmInstall(colleague).exitCode).toBe(0);
  expect(colleague.git("config", "core.hooksPath")).toBe(join(colleague.path, ".git/bulkhead/hooks"));
  expect(colleague.git("status", "--porcelain")).toBe("");
});
