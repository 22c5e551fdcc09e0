/** Draws the README's picture of a terminal from what the built program says: `npx tsx scripts/picture.ts`, after a build. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { draw } from "./picture/draw.ts";
import { play } from "./picture/play.ts";

const directory = mkdtempSync(join(tmpdir(), "bulkhead-picture-"));
try {
  const title = "Two agents in one clone: a claim that is held, and a commit that is refused on the wrong branch";
  writeFileSync(new URL("../docs/terminal.svg", import.meta.url), draw(play(directory), title));
} finally {
  rmSync(directory, { recursive: true, force: true });
}
