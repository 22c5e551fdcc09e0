import type { Git } from "./git.ts";
import { splitRecords } from "./git.ts";

/** One configured `core.hooksPath`, as a path, and where it stands. Later ones win. */
export interface HooksPathValue {
  readonly scope: string;
  readonly origin: string;
  readonly path: string;
}

/** Every configured `core.hooksPath` that git sees from a worktree, weakest first; `~` is expanded. */
export async function readHooksPaths(git: Git): Promise<HooksPathValue[]> {
  const args = [
    "config",
    "--includes",
    "--show-scope",
    "--show-origin",
    "-z",
    "--type=path",
    "--get-all",
    "core.hooksPath",
  ];
  const { stdout } = await git.run(args, { allow: [1] });
  const fields = splitRecords(stdout);
  const values: HooksPathValue[] = [];
  for (let i = 0; i + 2 < fields.length; i += 3) {
    values.push({ scope: fields[i] ?? "", origin: fields[i + 1] ?? "", path: fields[i + 2] ?? "" });
  }
  return values;
}
