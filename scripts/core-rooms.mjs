// Which modules the built program keeps together, so that a command of every day finds all it needs in two files instead
// of fifty: each file costs a start as much as reading ten times its code.
import { join, sep } from "node:path";

/** What people and agents run all day, and what it loads on its way: everything that these import is the core. */
const EVERY_DAY = [
  "src/commands/main.ts",
  ...["start", "status", "sessions", "release", "heartbeat", "expect"].map((name) => `src/commands/${name}.ts`),
  "src/app/clone.ts",
  "src/store/moved-store.ts",
  "src/store/sqlite/sqlite-session-store.ts",
  "src/store/sqlite/connection.ts",
  "src/store/sqlite/migrate.ts",
];

/**
 * @param {string} root the package's directory
 * @returns {import("rolldown").CodeSplittingGroup}
 */
export function coreRooms(root) {
  /** @type {Set<string> | undefined} */
  let core;
  const faces = join(root, "src", "commands") + sep;
  return {
    debugName: "core",
    includeDependenciesRecursively: false,
    name(id, context) {
      core ??= reachable(
        EVERY_DAY.map((file) => join(root, file)),
        context,
      );
      if (!core.has(id)) return null;
      // The library has no use for the command line.
      return id.startsWith(faces) || id.includes(`${sep}commander${sep}`) ? "command-line" : "core";
    },
  };
}

/**
 * What is loaded with these modules at once.
 * @param {readonly string[]} entries
 * @param {import("rolldown").ChunkingContext} context
 */
function reachable(entries, context) {
  const found = new Set();
  const visit = (/** @type {string} */ id) => {
    if (found.has(id)) return;
    const module = context.getModuleInfo(id);
    if (module === null) return;
    found.add(id);
    module.importedIds.forEach(visit);
  };
  entries.forEach(visit);
  return found;
}
