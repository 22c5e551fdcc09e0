import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { writeFileAtomically } from "../../files/atomic-write.ts";
import { commonLayout } from "../../layout/paths.ts";
import { isHookName } from "./hook-names.ts";

/** Stands in every hook file of ours, and in no other. */
const MARK = "# Bulkhead's guard.";

/** Whether a hook file is one of ours. */
export function isGuardScript(content: string): boolean {
  return content.includes(MARK);
}

/** Names of the files in a hooks directory that are ours. */
export function listGuardHooks(hooks: string): string[] {
  if (!existsSync(hooks)) return [];
  return readdirSync(hooks).filter((name) => isGuardScript(readFileSync(join(hooks, name), "utf8")));
}

/**
 * Takes our hooks directory back from tools that install into whatever `core.hooksPath` names (lefthook does, also
 * by itself when its configuration has changed). A foreign hook goes to the clone's own `hooks`, where the tool would
 * have put it without Bulkhead and from where it is chained; ours takes its place again.
 * @returns names of the hooks that were moved
 */
export function reclaimHooks(commonDir: string): string[] {
  const { hooks } = commonLayout(commonDir);
  if (!existsSync(hooks)) return [];
  const files = readdirSync(hooks);
  const contentOf = (name: string) => readFileSync(join(hooks, name), "utf8");
  const own = files.find((name) => isGuardScript(contentOf(name)));
  const script = own === undefined ? null : contentOf(own);
  const foreign = files.filter((name) => isHookName(name) && !isGuardScript(contentOf(name)));
  for (const name of foreign) {
    moveAside(join(hooks, name), join(commonDir, "hooks"), name);
    if (script !== null) writeHook(join(hooks, name), script);
  }
  for (const name of files) {
    const backup = join(hooks, name);
    if (name.endsWith(".old") && isGuardScript(contentOf(name))) rmSync(backup);
  }
  return foreign;
}

/** A hook of that name that stands there already is kept beside it, as the tools themselves do. */
function moveAside(from: string, directory: string, name: string): void {
  mkdirSync(directory, { recursive: true });
  const to = join(directory, name);
  if (existsSync(to) && readFileSync(to, "utf8") !== readFileSync(from, "utf8")) renameSync(to, `${to}.old`);
  renameSync(from, to);
}

function writeHook(path: string, script: string): void {
  writeFileAtomically(path, script, 0o755);
  // The umask may have taken bits away, and git silently skips a hook that is not executable.
  chmodSync(path, 0o755);
}
