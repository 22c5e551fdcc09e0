import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { TestRepository } from "./repository.ts";

/** Programs of others that `scripts/other-tools.sh` gets. */
export type Tool = "git-lfs" | "prek" | "pnpm" | "yarn-classic" | "yarn-berry" | "bun";

/**
 * Whether a program of others can be tried here: where `BULKHEAD_TOOLS` names the directory that
 * `scripts/other-tools.sh` printed, and it is in there. Says so on stderr where it cannot.
 */
export function hasTool(tool: Tool): boolean {
  const directory = process.env.BULKHEAD_TOOLS ?? "";
  const found = directory !== "" && existsSync(join(directory, tool));
  if (!found) process.stderr.write(`${tool} is not tried: BULKHEAD_TOOLS names no directory that holds it.\n`);
  return found;
}

/** Where a program is that comes with a tool. */
export function toolPath(program: string): string {
  return join(process.env.BULKHEAD_TOOLS ?? "", program);
}

/** Puts the tools on a repository's PATH, as their users have them: behind everything else. */
export function addTools(repository: TestRepository): void {
  repository.env.PATH = [repository.env.PATH, process.env.BULKHEAD_TOOLS].join(delimiter);
}
