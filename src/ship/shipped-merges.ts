import { join } from "node:path";
import { listNames, readText } from "../files/read-file.ts";
import { commonLayout } from "../layout/paths.ts";

/** A pull request that was merged from this clone. */
export interface ShippedPull {
  /** Tip of the branch that was merged. */
  readonly head: string;
  readonly mergeCommit: string;
  readonly pull: number;
}

/** The merges that the journals of this clone's ships tell of. A journal that cannot be understood tells of none. */
export function readShippedMerges(commonDir: string): ShippedPull[] {
  const root = commonLayout(commonDir).ships;
  return listNames(root).flatMap((base) =>
    listNames(join(root, base))
      .filter((name) => /^pull-\d+\.json$/.test(name))
      .flatMap((name) => parseMerge(readText(join(root, base, name)) ?? "")),
  );
}

function parseMerge(text: string): ShippedPull[] {
  try {
    const { pull, head, mergeCommit } = JSON.parse(text) as Record<string, unknown>;
    const { sha } = (head ?? {}) as Record<string, unknown>;
    if (typeof pull !== "number" || typeof sha !== "string" || typeof mergeCommit !== "string") return [];
    return [{ head: sha, mergeCommit, pull }];
  } catch {
    return [];
  }
}
