import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TestRepository } from "./repository.ts";

const NODE_MODULES = fileURLToPath(new URL("../../node_modules", import.meta.url));

/** The ways in which a repository may have hooks of its own. */
export const HOOK_MANAGERS = ["none", "husky", "lefthook", "plain hooks", "custom hooks path"] as const;
export type TestedManager = (typeof HOOK_MANAGERS)[number];

/** Where a `custom hooks path` stands, relative to a worktree's top. */
export const CUSTOM_HOOKS = "tools/hooks";

/**
 * Sets a real hook manager up, as its users do, with a pre-commit hook that leaves its name in the file that
 * `PROBE` names. What belongs into the repository is committed.
 */
export function setUpManager(repository: TestRepository, manager: TestedManager): void {
  const probe = 'echo pre-commit >>"$PROBE"\n';
  switch (manager) {
    case "none":
      return;
    case "husky":
      linkPackages(repository, "husky");
      repository.commit("husky", { ".gitignore": "node_modules\n", ".husky/pre-commit": probe });
      runHusky(repository);
      return;
    case "lefthook":
      linkPackages(repository, "lefthook");
      repository.commit("lefthook", {
        ".gitignore": "node_modules\n",
        "lefthook.yml": `pre-commit:\n  commands:\n    probe:\n      run: ${probe}`,
      });
      runLefthook(repository, "install");
      return;
    case "plain hooks":
      writeHook(repository, ".git/hooks/pre-commit", probe);
      return;
    case "custom hooks path":
      writeHook(repository, `${CUSTOM_HOOKS}/pre-commit`, probe);
      repository.git("add", "-A");
      repository.git("commit", "-q", "-m", "hooks");
      repository.git("config", "core.hooksPath", CUSTOM_HOOKS);
  }
}

/** Writes an executable sh hook. @param file relative to the worktree's top */
export function writeHook(repository: TestRepository, file: string, body: string): void {
  repository.write(file, `#!/bin/sh\n${body}`);
  chmodSync(join(repository.path, file), 0o755);
}

/** What `npm install` would leave in node_modules: the package and its command. */
export function linkPackages(repository: TestRepository, name: "husky" | "lefthook"): void {
  const names = name === "husky" ? ["husky"] : ["lefthook", `lefthook-${process.platform}-${process.arch}`];
  for (const entry of names) link(join(NODE_MODULES, entry), join(repository.path, "node_modules", entry));
  link(join(NODE_MODULES, ".bin", name), join(repository.path, "node_modules", ".bin", name));
}

function link(target: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  if (!existsSync(path)) symlinkSync(target, path);
}

/** What husky's `prepare` script does. */
export function runHusky(repository: TestRepository): void {
  repository.run(process.execPath, [join(NODE_MODULES, "husky", "bin.js")]);
}

/** lefthook itself, whatever comes of it. */
export function runLefthook(repository: TestRepository, ...args: string[]) {
  return repository.run(join(repository.path, "node_modules", ".bin", "lefthook"), args, { check: false });
}

/** Lines that the hooks of a manager left. */
export function readProbe(path: string): string[] {
  return existsSync(path) ? readFileSync(path, "utf8").split("\n").filter(Boolean) : [];
}
