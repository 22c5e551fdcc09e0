import { type Git, splitRecords } from "./git.ts";

/** One value of git's configuration and where it stands. */
export interface ConfigValue {
  /** Lower-case, as git prints it. */
  readonly key: string;
  readonly value: string;
  /** `system`, `global`, `local`, `worktree` or `command`. */
  readonly scope: string;
  /** `file:<path>` and the like. */
  readonly origin: string;
}

/** Every configured value, weakest first, as git itself would apply them. */
export async function readConfig(git: Git): Promise<ConfigValue[]> {
  const { stdout } = await git.run(["config", "--list", "--show-scope", "--show-origin", "--includes", "-z"]);
  return parseConfig(stdout);
}

/** Parses `git config --list --show-scope --show-origin -z`: records of scope, origin, then key, newline, value. */
export function parseConfig(output: string): ConfigValue[] {
  const records = splitRecords(output);
  const values: ConfigValue[] = [];
  for (let i = 0; i + 2 < records.length; i += 3) {
    const [key = "", ...rest] = (records[i + 2] ?? "").split("\n");
    // A key without "=" means true: git prints no newline behind it.
    values.push({
      key,
      value: rest.length === 0 ? "true" : rest.join("\n"),
      scope: records[i] ?? "",
      origin: records[i + 1] ?? "",
    });
  }
  return values;
}
