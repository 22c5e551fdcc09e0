import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { draw } from "../../scripts/picture/draw.ts";
import { play } from "../../scripts/picture/play.ts";

/** Words of a picture, without what is another each time: ids, hashes, times, this machine's name. */
function words(svg: string): string {
  const text = [...svg.matchAll(/<text[^>]*>(.*?)<\/text>/g)].map(([, row = ""]) => row.trim()).join(" ");
  return text
    .replace(/session_[0-9a-f-]+/g, "<session>")
    .replace(/ on \S+, on branch/g, " on <host>, on branch")
    .replace(/\d+(s| seconds?| minutes?) ago/g, "<age>")
    .replace(/\(20[\d-]+T[^)]*\)/g, "(<time>)")
    .replace(/ [0-9a-f]{7,}\]/g, " <hash>]");
}

test.runIf(process.platform !== "win32")("the README's picture shows what the program says", () => {
  const directory = mkdtempSync(join(tmpdir(), "bulkhead-picture-"));
  try {
    const drawn = readFileSync(new URL("../../docs/terminal.svg", import.meta.url), "utf8");
    expect(words(drawn)).toBe(words(draw(play(directory), "")));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
