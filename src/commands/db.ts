import type { Command } from "commander";
import { BulkheadError } from "../domain/error.ts";
import { openRepository } from "../git/repository.ts";
import { commonLayout } from "../layout/paths.ts";
import { type MigrationStatus, migrateStore, storeStatus } from "../store/open-store.ts";
import type { CommandContext, CommandResult } from "./command.ts";
import { formatTable } from "./table.ts";

export function configure(command: Command): void {
  command
    .argument("<action>", "migrate: bring the database up to date; status: show where it stands")
    .usage("migrate|status");
}

export async function run(
  context: CommandContext,
  [action]: readonly (string | string[] | undefined)[],
): Promise<CommandResult> {
  if (action !== "migrate" && action !== "status") {
    throw new BulkheadError("USAGE", { reason: `'${action}' is neither migrate nor status.`, command: "db" });
  }
  const { commonDir } = await openRepository(context.directory, context.env);
  const { database } = commonLayout(commonDir);
  return action === "migrate" ? migrated(database) : shown(database);
}

async function migrated(database: string): Promise<CommandResult> {
  const { applied, steps } = await migrateStore(database);
  const text = applied.length === 0 ? "The database is up to date." : `Done: ${applied.join(", ")}`;
  return { json: { store: "sqlite", database, applied, migrations: rowsOf(steps) }, text };
}

async function shown(database: string): Promise<CommandResult> {
  const { exists, steps } = await storeStatus(database);
  const rows = steps.map(({ name, appliedAt }) => [name, appliedAt ?? "pending"]);
  const where = exists ? database : `${database} (made at first use)`;
  const json = { store: "sqlite", database, exists, migrations: rowsOf(steps) };
  return { json, text: [`embedded store: ${where}`, formatTable(rows)].join("\n") };
}

function rowsOf(steps: readonly MigrationStatus[]): unknown {
  return steps.map(({ name, appliedAt }) => ({ name, applied_at: appliedAt }));
}
