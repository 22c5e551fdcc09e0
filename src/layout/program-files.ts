import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Files of the installed product itself. */
export interface ProgramFiles {
  /** The command line. */
  readonly cli: string;
  /** The full guard, self-contained. */
  readonly guardProgram: string;
  /** The sh guard that becomes every hook. */
  readonly guardScript: string;
  /** What `git bulkhead` starts. */
  readonly launchScript: string;
}

/** Finds the built files from wherever in `dist` this code has ended up: the bundler moves it about. */
export function programFiles(): ProgramFiles {
  for (let directory = dirname(fileURLToPath(import.meta.url)); ; directory = dirname(directory)) {
    const guardProgram = join(directory, "guard.mjs");
    if (existsSync(guardProgram)) {
      const script = (name: string) => join(directory, "hooks", name);
      const cli = join(directory, "cli.js");
      return { cli, guardProgram, guardScript: script("guard.sh"), launchScript: script("launch.sh") };
    }
    if (directory === dirname(directory)) throw new Error("The installation is incomplete: guard.mjs is missing.");
  }
}
