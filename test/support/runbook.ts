import { readFileSync } from "node:fs";

/** One SQL block of the runbook, as printed. */
export interface RunbookBlock {
  /** The heading it stands under and the label above it: `Monitoring / Stale Session Detection: Query: …`. */
  readonly name: string;
  readonly sql: string;
}

/** Every SQL block of the runbook, in its order. */
export function runbookBlocks(): RunbookBlock[] {
  const blocks: RunbookBlock[] = [];
  const state = { heading: "", label: "", sql: null as string[] | null };
  for (const line of readFileSync(new URL("../fixtures/runbook-sql.md", import.meta.url), "utf8").split(/\r?\n/)) {
    if (state.sql !== null && line !== "```") state.sql.push(line);
    else if (line === "```sql") state.sql = [];
    else if (line === "```") {
      blocks.push({ name: name(state.heading, state.label), sql: (state.sql ?? []).join("\n") });
      Object.assign(state, { sql: null, label: "" });
    } else if (line.startsWith("## ")) Object.assign(state, { heading: line.slice(3), label: "" });
    else if (line.startsWith("**")) state.label = line.replaceAll("**", "");
  }
  return blocks;
}

function name(heading: string, label: string): string {
  const short = heading.replace(/ \(SD-[A-Z0-9-]+\)/g, "").replace(/^Lifecycle Event Monitoring \/ /, "");
  return label === "" ? short : `${short}: ${label}`;
}
