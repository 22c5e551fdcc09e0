import { hostname } from "node:os";
import type { Command } from "commander";
import { resolveSettings } from "../config/settings.ts";
import { codebaseName, repositoryIdentity } from "../domain/repository-identity.ts";
import { findBaseBranch } from "../git/base-branch.ts";
import { type ConfigValue, readConfig } from "../git/config-values.ts";
import { openWorktree } from "../git/repository.ts";
import { listWorktrees } from "../git/worktrees.ts";
import { commonLayout } from "../layout/paths.ts";
import { ingestSpool } from "../session/event-ingest.ts";
import { observeOwner } from "../session/observe-owner.ts";
import { findGoneOwners } from "../session/owner-process.ts";
import { systemProcessTable } from "../session/process-table.ts";
import type { Workplace } from "../session/workplace.ts";
import { openSessionStore, type StoreLocation } from "../store/open-store.ts";
import type { CommandContext } from "./command.ts";

/** Options of the commands that speak for a session. */
export interface OwnerOptions {
  readonly pid?: string;
  readonly agentSession?: string;
}

export function withOwnerOptions(command: Command): Command {
  return command
    .option("--pid <pid>", "the process whose life is the session's (found by itself otherwise)")
    .option("--agent-session <id>", "the agent's session id (also CLAUDE_CODE_SESSION_ID)");
}

/** Opens the worktree and the store, takes over what hooks noted, runs the work, and closes the store again. */
export async function inWorkplace<T>(
  context: CommandContext,
  options: OwnerOptions,
  work: (place: Workplace) => Promise<T>,
): Promise<T> {
  const { store, ...place } = await openWorkplace(context, options);
  try {
    const lost = await ingestSpool(place.commonDir, store);
    if (lost > 0) context.note(`bulkhead: ${lost} noted events could not be read and are dropped.`);
    return await work({ ...place, store });
  } finally {
    await store.close();
  }
}

async function openWorkplace(context: CommandContext, options: OwnerOptions): Promise<Workplace> {
  const { git, topLevel, gitDir, commonDir, linked } = await openWorktree(context.directory, context.env);
  const config = await readConfig(git);
  const settings = resolveSettings({ env: context.env, gitConfig: config });
  const remote = settings.remote.value;
  const host = hostname();
  const location = storeLocation(config, remote, commonDir);
  const table = systemProcessTable();
  const owner = observeOwner({ ...options, env: context.env, hostname: host }, table);
  return {
    git,
    topLevel,
    gitDir,
    commonDir,
    linked,
    mainTop: (await listWorktrees(git))[0]?.path ?? topLevel,
    base: await findBaseBranch(git, remote, settings.base.value),
    codebase: codebaseName(location.repository),
    hostname: host,
    owner,
    store: await openSessionStore(location),
    findGone: (sessions) => findGoneOwners(table, sessions, owner.machineId),
  };
}

/** Where a clone's sessions are kept, and under which name. */
export function storeLocation(config: readonly ConfigValue[], remote: string, commonDir: string): StoreLocation {
  const url = config.findLast(({ key }) => key === `remote.${remote}.url`)?.value ?? null;
  const repository = repositoryIdentity(url, `${hostname()}:${commonDir}`);
  return { database: commonLayout(commonDir).database, repository };
}
