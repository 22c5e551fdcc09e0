import { type Armed, armedHere } from "../guard/armed.ts";
import type { Clone } from "./clone.ts";

/** Whether the guard stands in this worktree, as documents tell it. */
export interface ArmedDocument {
  readonly armed: boolean;
  /** Why not, and what to type; null where it is armed. */
  readonly unarmed: string | null;
}

export async function armedIn({ repository }: Clone): Promise<ArmedDocument> {
  return describe(await armedHere(repository.git, repository.commonDir));
}

function describe(found: Armed): ArmedDocument {
  if (found.armed) return { armed: true, unarmed: null };
  return { armed: false, unarmed: `No guard is armed here: ${found.because}. Arm it with: ${found.fix}` };
}
