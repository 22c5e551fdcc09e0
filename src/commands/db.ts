import { type DatabaseDocument, databaseStatus, migrateDatabase } from "../app/database.ts";
import { BulkheadError } from "../domain/error.ts";
import { defineCommand } from "./command.ts";
import { formatTable } from "./table.ts";

const ACTIONS = { migrate: migrateDatabase, status: databaseStatus } as const;
type Action = keyof typeof ACTIONS;

export const command = defineCommand({
  configure(command) {
    command
      .argument("<action>", "migrate: bring the database up to date; status: show where it stands")
      .usage("migrate|status");
  },
  input([word]) {
    const action = String(word);
    if (!Object.hasOwn(ACTIONS, action)) {
      throw new BulkheadError("USAGE", { reason: `'${action}' is neither migrate nor status.`, command: "db" });
    }
    return { action: action as Action };
  },
  run: async (clone, { action }) => ({ action, ...(await ACTIONS[action](clone)) }),
  json: ({ action: _, ...document }) => document,
  text: textOf,
});

function textOf({ action, database, exists, applied, migrations }: DatabaseDocument & { action: Action }): string {
  if (action === "migrate") return applied.length === 0 ? "The database is up to date." : `Done: ${applied.join(", ")}`;
  const where = exists ? database : `${database} (made at first use)`;
  const rows = migrations.map(({ name, applied_at: at }) => [name, at ?? "pending"]);
  return [`embedded store: ${where}`, formatTable(rows)].join("\n");
}
