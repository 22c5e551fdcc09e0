import { userInfo } from "node:os";
import { asBulkheadError, BulkheadError } from "../domain/error.ts";
import type { Freeze, NewFreeze } from "../domain/freeze.ts";
import type { BranchName } from "../domain/names.ts";
import { parseBranchName } from "../domain/names.ts";
import { readExpectation } from "../layout/session-file.ts";
import { type BaseStatus, shipStatus as readShipStatus } from "../ship/status.ts";
import type { Clone } from "./clone.ts";
import { shipTools } from "./ship.ts";

/** What `ship status` says. */
export interface ShipStatusDocument {
  readonly bases: readonly BaseStatus[];
}

/** What is being shipped from this clone, what is unfinished, and what was. Needs no network but that of a team's database. */
export async function shipStatus(clone: Clone): Promise<ShipStatusDocument> {
  const { processes } = await shipTools(clone);
  return { bases: readShipStatus(clone.repository.commonDir, processes, await knownFreezes(clone)) };
}

/** What this clone can do is told whatever the database says: that it cannot be asked is told beside it. */
async function knownFreezes(clone: Clone): Promise<readonly Freeze[]> {
  try {
    return (await (await clone.storeIfMade())?.listFreezes()) ?? [];
  } catch (thrown) {
    clone.note(`Whether a base is frozen cannot be found out: ${asBulkheadError(thrown).message}`);
    return [];
  }
}

/** What `ship freeze` and `ship unfreeze` say. */
export interface FreezeDocument {
  readonly base: BranchName;
  /** The stop that holds now; null when it is lifted. */
  readonly freeze: Freeze | null;
  /** Whether it holds for every clone that shares the team's database, and not for this one alone. */
  readonly team: boolean;
}

export interface FreezeInput {
  /** Null: the clone's base. */
  readonly base: BranchName | null;
  readonly reason: string;
  readonly until: NewFreeze["until"];
}

/** Stops every ship into a base: from this clone, or from every clone that shares the team's database. @throws BulkheadError `USAGE` for a time that is over, `STORE_FAILED` */
export async function freezeBase(clone: Clone, { base, reason, until }: FreezeInput): Promise<FreezeDocument> {
  const name = await baseOf(clone, base);
  const now = clone.clock();
  const end = until === null ? null : "at" in until ? until.at : new Date(now.getTime() + until.inMs);
  if (end !== null && end <= now) {
    const fault = `${end.toISOString()} is over already: that would freeze nothing.`;
    throw new BulkheadError("USAGE", { reason: fault, command: "ship" });
  }
  const store = await clone.store();
  const freeze = await store.freeze({ base: name, by: await whoIs(clone), host: clone.hostname, reason, until });
  return { base: name, freeze, team: await hasTeam(clone) };
}

/** Lets ships into a base again. @throws BulkheadError `SHIP_NO_FREEZE`, `STORE_FAILED` */
export async function unfreezeBase(clone: Clone, base: BranchName | null): Promise<FreezeDocument> {
  const name = await baseOf(clone, base);
  const lifted = (await (await clone.storeIfMade())?.unfreeze(name)) ?? null;
  if (lifted === null) throw new BulkheadError("SHIP_NO_FREEZE", { base: name });
  return { base: name, freeze: null, team: await hasTeam(clone) };
}

async function hasTeam(clone: Clone): Promise<boolean> {
  return Boolean((await clone.storeLocation()).teamUrl);
}

async function baseOf(clone: Clone, named: BranchName | null): Promise<BranchName> {
  if (named !== null) return named;
  const found = await clone.base();
  return found === null ? parseBranchName("main") : found.branch;
}

/** Who is at this terminal: the session's item where there is one, else the git identity. */
async function whoIs(clone: Clone): Promise<string> {
  const name = (await clone.config()).findLast(({ key }) => key === "user.name")?.value ?? userInfo().username;
  const { topLevel } = clone.repository;
  const expectation = topLevel === null ? null : readExpectation(topLevel);
  const item = expectation?.kind === "present" ? expectation.content.sdKey : undefined;
  return item === undefined ? name : `${name} (${item})`;
}
