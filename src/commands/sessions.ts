import { type SessionsDocument, sessions } from "../app/sessions.ts";
import type { SessionFlag } from "../session/overview.ts";
import { pairInWords } from "../snapshot/overlap.ts";
import { defineCommand } from "./command.ts";
import { shortId } from "./short-id.ts";
import { formatTable } from "./table.ts";

type Row = SessionsDocument["sessions"][number];

const FLAG_WORDS: Record<SessionFlag, (row: Row) => string> = {
  branch_mismatch: ({ expected_branch: expected }) => `not on the expected '${expected}'`,
  shared_branch: () => "several sessions on this branch",
  branch_unknown: () => "on no known branch",
  process_gone: () => "its process is gone",
  claim_lost: () => "its claim was taken over",
};

export const command = defineCommand({
  examples: [
    ["sessions", "who is at work now"],
    ["sessions --all", "also who ended in the last 24 hours"],
  ],
  configure(command) {
    command.option("--all", "also sessions that have ended in the last 24 hours").usage("[options]");
  },
  input: (_, options: { readonly all?: boolean }) => ({ all: options.all ?? false }),
  run: sessions,
  text: textOf,
});

function textOf({ sessions: rows, overlaps }: SessionsDocument): string {
  if (rows.length === 0) return "No session is at work.";
  const header = ["session", "item", "branch", "heartbeat", "health", "status", "worktree"];
  const flagged = rows.flatMap((row) => row.flags.map((flag) => `! ${shortId(row)}: ${FLAG_WORDS[flag](row)}`));
  const remarks = [...flagged, ...overlaps.map((overlap) => `! ${pairInWords(overlap)}`)];
  return [formatTable([header, ...rows.map(cellsOf)]), ...(remarks.length > 0 ? ["", ...remarks] : [])].join("\n");
}

function cellsOf(row: Row): string[] {
  return [
    shortId(row),
    row.sd_id ?? "-",
    row.current_branch ?? "?",
    // A beat that is young enough says it all; otherwise it matters what else there is.
    row.life_signal === "heartbeat" ? row.heartbeat_age_human : (row.life_human ?? row.heartbeat_age_human),
    row.computed_status === "released" ? "-" : row.health_status,
    row.computed_status,
    row.worktree,
  ];
}
