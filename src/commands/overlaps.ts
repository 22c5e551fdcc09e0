import { type OverlapsDocument, overlaps } from "../app/overlaps.ts";
import type { Overlap } from "../snapshot/overlap.ts";
import { defineCommand } from "./command.ts";

export const command = defineCommand({
  examples: [["overlaps", "which sessions touch the same files, and would conflict"]],
  configure(command) {
    command.usage("[options]");
  },
  input: () => null,
  run: (clone) => overlaps(clone),
  text: ({ overlaps: found, sessions }: OverlapsDocument) =>
    found.length === 0
      ? `No overlaps: ${sessions} live session${sessions === 1 ? "" : "s"} on this machine compared.`
      : found.flatMap(linesOf).join("\n"),
});

function linesOf({ between, with_base: base, files, conflicts, since }: Overlap): string[] {
  const [one, other] = between.map(({ item, session, worktree }) => `${item ?? session.slice(0, 16)} (${worktree})`);
  const plain = files.filter((file) => !conflicts.includes(file));
  return [
    `${one} and ${base ? "the base" : other}, since ${since.slice(0, 16).replace("T", " ")} UTC`,
    ...conflicts.map((file) => `  conflict  ${file}`),
    ...plain.map((file) => `  same file ${file}`),
  ];
}
