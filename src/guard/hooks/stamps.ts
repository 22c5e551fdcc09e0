import { existsSync, lutimesSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { listNames } from "../../files/read-file.ts";
import { commonLayout } from "../../layout/paths.ts";
import { share, sharedFileMode } from "../../layout/sharing.ts";

/**
 * Sets the times by which the sh guard notices that somebody has put a hook into our directory, or changed what would
 * run without us. Ours are dated back by whole seconds, so that anything written later is newer, in the same second too and
 * for shells that compare seconds.
 */
export function setStamps(commonDir: string): void {
  const layout = commonLayout(commonDir);
  if (!existsSync(layout.hooks)) return;
  const earlier = Math.floor(Date.now() / 1000) - 2;
  const paths = [...listNames(layout.hooks).map((name) => join(layout.hooks, name)), layout.hooks];
  const dated = paths.map((path) => unlessOthers(() => lutimesSync(path, earlier, earlier)));
  // What is another user's keeps its time, and is older than now.
  setStamp(layout.armed, dated.includes(false) ? null : earlier + 1, commonDir);
  setStamp(layout.checked, null, commonDir);
}

/** @param time seconds since 1970; null for now, by the file system's own clock, which is not the program's */
function setStamp(path: string, time: number | null, commonDir: string): void {
  unlessOthers(() => {
    writeFileSync(path, "\n");
    if (time !== null) utimesSync(path, time, time);
  });
  const mode = sharedFileMode(commonDir);
  if (mode !== 0o600) share(path, mode);
}

/** @returns false where the file is another user's, who alone may date it; a stamp that cannot be set costs time, no more */
function unlessOthers(act: () => void): boolean {
  try {
    act();
    return true;
  } catch (cause) {
    if (["EPERM", "EACCES", "EROFS"].includes((cause as NodeJS.ErrnoException).code ?? "")) return false;
    throw cause;
  }
}
