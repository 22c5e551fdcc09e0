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
}

/** Finds the built files from wherever in `dist` this code has ended up: the bundler moves it about. */
export function programFiles(): ProgramFiles {
  for (let directory = dirname(fileURLToPath(import.meta.url)); ; directory = dirname(directory)) {
    const guardProgram = join(directory, "guard.mjs");
    if (existsSync(guardProgram)) {
      return { cli: join(directory, "cli.js"), guardProgram, guardScript: join(directory, "hooks", "guard.sh") };
    }
    if (directory === dirname(directory)) throw new Error("The installation is incomplete: guard.mjs is missing.");
  }
}
