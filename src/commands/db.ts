import {
  type DatabaseDocument,
  databaseStatus,
  type ImportDocument,
  importSessions,
  migrateDatabase,
  type PruneDocument,
  pruneDatabase,
  rollbackDatabase,
} from "../app/database.ts";
import { didYouMean } from "../domain/did-you-mean.ts";
import { BulkheadError } from "../domain/error.ts";
import { defineCommand } from "./command.ts";
import { formatTable } from "./table.ts";

const ACTIONS = ["migrate", "status", "rollback", "import", "prune"] as const;

interface Options {
  readonly to?: string;
  readonly days?: string;
}

interface Input {
  readonly action: (typeof ACTIONS)[number];
  readonly to: string | null;
  readonly days: number;
}

type Document =
  | { readonly kind: "migrated" | "status" | "rolled back"; readonly document: DatabaseDocument }
  | { readonly kind: "imported"; readonly document: ImportDocument }
  | { readonly kind: "pruned"; readonly document: PruneDocument };

export const command = defineCommand<Input, Document, Options>({
  examples: [
    ["db status", "where the database is and how far migrated"],
    ["db migrate", "bring it up to date"],
  ],
  configure(command) {
    command
      .argument(
        "<action>",
        "migrate: bring the database up to date; status: show where it stands; rollback: take the last step back; " +
          "import: carry this clone's sessions over to the team's database; prune: archive what ended long ago",
      )
      .option("--to <step>", "rollback: take back every step from the last down to this one")
      .option("--days <n>", "prune: archive what ended or happened more than so many days ago (default: 30)")
      .usage("migrate|status|rollback|import|prune");
  },
  input([word], { to, days: given }) {
    const action = ACTIONS.find((name) => name === word);
    if (action === undefined) {
      throw usage(`'${String(word)}' is none of ${ACTIONS.join(", ")}.${didYouMean(String(word), ACTIONS)}`);
    }
    if (to !== undefined && action !== "rollback") throw usage(`--to goes with rollback, not with ${action}.`);
    if (given !== undefined && action !== "prune") throw usage(`--days goes with prune, not with ${action}.`);
    const days = given ?? "30";
    if (!/^[1-9]\d{0,3}$/.test(days)) throw usage(`--days takes a number from 1 to 9999, not '${days}'.`);
    return { action, to: to ?? null, days: Number(days) };
  },
  async run(clone, { action, to, days }) {
    switch (action) {
      case "migrate":
        return { kind: "migrated", document: await migrateDatabase(clone) };
      case "status":
        return { kind: "status", document: await databaseStatus(clone) };
      case "rollback":
        return { kind: "rolled back", document: await rollbackDatabase(clone, to) };
      case "import":
        return { kind: "imported", document: await importSessions(clone) };
      case "prune":
        return { kind: "pruned", document: await pruneDatabase(clone, days) };
    }
  },
  json: ({ document }) => document,
  text: textOf,
  exitCode: (result) => (result.kind === "imported" && result.document.refused.length > 0 ? 4 : 0),
});

function usage(reason: string): BulkheadError {
  return new BulkheadError("USAGE", { reason, command: "db" });
}

function textOf(result: Document): string {
  switch (result.kind) {
    case "migrated":
      return migratedText(result.document);
    case "status":
      return statusText(result.document);
    case "rolled back": {
      const { rolled_back: taken } = result.document;
      return taken.length === 0 ? "There is nothing to take back." : `Taken back: ${taken.join(", ")}`;
    }
    case "imported":
      return importedText(result.document);
    case "pruned": {
      const { days, sessions, events } = result.document;
      return `Archived: ${sessions} session(s) and ${events} event(s) of more than ${days} days ago.`;
    }
  }
}

function migratedText({ applied, recognised, restored }: DatabaseDocument): string {
  const lines = [
    ["Done", applied],
    ["Done by hand before, on record now", recognised],
    ["Made whole again", restored],
  ] as const;
  const said = lines.flatMap(([what, names]) => (names.length === 0 ? [] : [`${what}: ${names.join(", ")}`]));
  return said.length === 0 ? "The database is up to date." : said.join("\n");
}

function statusText({ store, database, exists, migrations }: DatabaseDocument): string {
  const where = exists ? database : `${database} (made at first use)`;
  const rows = migrations.map(({ name, applied_at: at }) => [name, at ?? "pending"]);
  return [`${store === "postgres" ? "team" : "embedded"} store: ${where}`, formatTable(rows)].join("\n");
}

function importedText({ sessions, events, handoffs, database, refused }: ImportDocument): string {
  return [
    `Carried over to ${database}: ${sessions} session(s), ${events} event(s), ${handoffs} handoff(s).`,
    ...refused.map(
      ({ sd_id: item, claimed_by: holder }) =>
        `${item} stays with ${holder}, who holds it there: its session here came over without it.`,
    ),
  ].join("\n");
}
