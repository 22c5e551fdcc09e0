import { userInfo } from "node:os";
import { BulkheadError } from "../domain/error.ts";
import type { BranchName } from "../domain/names.ts";
import { parseBranchName } from "../domain/names.ts";
import { readExpectation } from "../layout/session-file.ts";
import { type Freeze, liftFreeze, readFreeze, writeFreeze } from "../ship/freeze.ts";
import { baseDirectory } from "../ship/journal.ts";
import { type BaseStatus, shipStatus as readShipStatus } from "../ship/status.ts";
import type { Clone } from "./clone.ts";
import { shipTools } from "./ship.ts";

/** What `ship status` says. */
export interface ShipStatusDocument {
  readonly bases: readonly BaseStatus[];
}

/** What is being shipped from this clone, what is unfinished, and what was. Needs no network. */
export async function shipStatus(clone: Clone): Promise<ShipStatusDocument> {
  const { processes } = await shipTools(clone);
  return { bases: readShipStatus(clone.repository.commonDir, processes, clone.clock()) };
}

/** What `ship freeze` and `ship unfreeze` say. */
export interface FreezeDocument {
  readonly base: BranchName;
  /** The stop that holds now; null when it is lifted. */
  readonly freeze: Freeze | null;
}

export interface FreezeInput {
  /** Null: the clone's base. */
  readonly base: BranchName | null;
  readonly reason: string;
  /** Milliseconds from now, or a time; null: until it is lifted. */
  readonly until: { readonly inMs: number } | { readonly at: Date } | null;
}

/** Stops every ship into a base from this clone. @throws BulkheadError `USAGE` for a time that is over, `FILE_FAILED` */
export async function freezeBase(clone: Clone, { base, reason, until }: FreezeInput): Promise<FreezeDocument> {
  const name = await baseOf(clone, base);
  const now = clone.clock();
  const end = until === null ? null : "at" in until ? until.at : new Date(now.getTime() + until.inMs);
  if (end !== null && end <= now) {
    const reason = `${end.toISOString()} is over already: that would freeze nothing.`;
    throw new BulkheadError("USAGE", { reason, command: "ship" });
  }
  const freeze: Freeze = {
    base: name,
    by: await whoIs(clone),
    host: clone.hostname,
    reason,
    at: now.toISOString(),
    until: end?.toISOString() ?? null,
  };
  writeFreeze(baseDirectory(clone.repository.commonDir, name), freeze);
  return { base: name, freeze };
}

/** Lets ships into a base again. @throws BulkheadError `SHIP_NO_FREEZE`, `FILE_FAILED` */
export async function unfreezeBase(clone: Clone, base: BranchName | null): Promise<FreezeDocument> {
  const name = await baseOf(clone, base);
  const directory = baseDirectory(clone.repository.commonDir, name);
  const held = readFreeze(directory, name, clone.clock());
  if (!liftFreeze(directory) || held === null) throw new BulkheadError("SHIP_NO_FREEZE", { base: name });
  return { base: name, freeze: null };
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
