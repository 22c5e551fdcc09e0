import {
  type AddHandoffDocument,
  addHandoff,
  type HandoffRow,
  type HandoffsDocument,
  listHandoffs,
  resolveHandoff,
} from "../app/handoffs.ts";
import { didYouMean } from "../domain/did-you-mean.ts";
import type { BulkheadError } from "../domain/error.ts";
import { HANDOFF_STATUSES, RESOLUTION_TYPES } from "../domain/handoff.ts";
import { parseWorkItemKey } from "../domain/names.ts";
import { defineCommand, type Word } from "./command.ts";
import { type OwnerOptions, ownerOf, withOwnerOptions } from "./owner-options.ts";
import { formatTable } from "./table.ts";
import { usage as wrongUsage } from "./usage.ts";

const ACTS = ["add", "list", "resolve"] as const;
const TYPE = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

interface Options extends OwnerOptions {
  readonly type?: string;
  readonly status?: string;
  readonly reason?: string;
  readonly unresolved?: boolean;
  readonly as?: string;
  readonly notes?: string;
}

type Input =
  | { readonly act: "add"; readonly input: Parameters<typeof addHandoff>[1] }
  | { readonly act: "list"; readonly input: Parameters<typeof listHandoffs>[1] }
  | { readonly act: "resolve"; readonly input: Parameters<typeof resolveHandoff>[1] };

type Document =
  | { readonly act: "add"; readonly document: AddHandoffDocument }
  | { readonly act: "list"; readonly document: HandoffsDocument }
  | { readonly act: "resolve"; readonly document: HandoffRow };

/** Which options go with which act; those of the owner with all. */
const OPTIONS: Readonly<Record<(typeof ACTS)[number], readonly (keyof Options)[]>> = {
  add: ["type", "status", "reason"],
  list: ["unresolved"],
  resolve: ["as", "notes"],
};

export const command = defineCommand<Input, Document, Options>({
  examples: [
    [
      "handoff add LOGIN-1 --type PLAN-TO-EXEC --status accepted",
      "it passed; earlier failures of that type are resolved",
    ],
    ["handoff list --unresolved", "what stands in the way, and for how long"],
    ["handoff resolve 3f2a --as obsolete", "it does not matter any more"],
  ],
  configure(command) {
    withOwnerOptions(
      command
        .argument("<act>", "add, list or resolve")
        .argument("[item-or-id]", "add, list: the item; resolve: the handoff's id"),
    )
      .option("--type <type>", "add: from which phase to which, such as PLAN-TO-EXEC")
      .option("--status <status>", `add: ${HANDOFF_STATUSES.join(", ")}`)
      .option("--reason <text>", "add: why it did not pass")
      .option("--unresolved", "list: only what failed and was not resolved")
      .option("--as <type>", `resolve: ${RESOLUTION_TYPES.join(", ")}; without it only the notes are set`)
      .option("--notes <text>", "resolve: what was found out, or done")
      .usage("add|list|resolve [item-or-id] [options]");
  },
  input(words, options) {
    const act = chosen(String(words[0]), ACTS, "act");
    for (const name of Object.values(OPTIONS).flat()) {
      if (options[name] !== undefined && !OPTIONS[act].includes(name))
        throw usage(`--${name} does not go with '${act}'.`);
    }
    return inputOf(act, words[1], options);
  },
  async run(clone, { act, input }) {
    switch (act) {
      case "add":
        return { act, document: await addHandoff(clone, input) };
      case "list":
        return { act, document: await listHandoffs(clone, input) };
      case "resolve":
        return { act, document: await resolveHandoff(clone, input) };
    }
  },
  json: ({ document }) => document,
  text: textOf,
});

function inputOf(act: Input["act"], word: Word, options: Options): Input {
  const { type, status, reason = null, as, notes = null, unresolved = false } = options;
  if (act === "list") {
    return { act, input: { item: word === undefined ? null : parseWorkItemKey(String(word)), unresolved } };
  }
  if (word === undefined)
    throw usage(act === "add" ? "Say of which item." : "Say which one: its id, or the start of it.");
  if (act === "resolve") {
    if (as === undefined && notes === null) throw usage("Say what became of it: --as <type>, --notes <text>, or both.");
    const resolution = as === undefined ? null : chosen(as, RESOLUTION_TYPES, "--as");
    return { act, input: { id: String(word), type: resolution, notes } };
  }
  if (type === undefined || status === undefined) throw usage("A handoff has a --type and a --status.");
  if (!TYPE.test(type)) throw usage(`'${type}' cannot name a type: letters, digits, '.', '_' and '-', at most 64.`);
  const known = chosen(status, HANDOFF_STATUSES, "--status");
  return { act, input: { ...ownerOf(options), item: parseWorkItemKey(String(word)), type, status: known, reason } };
}

function chosen<const T extends string>(word: string, known: readonly T[], what: string): T {
  const found = known.find((one) => one === word);
  if (found !== undefined) return found;
  throw usage(`'${word}' is no ${what}: ${known.join(", ")}.${didYouMean(word, known)}`);
}

function usage(reason: string): BulkheadError {
  return wrongUsage(reason, "handoff");
}

function textOf({ act, document }: Document): string {
  switch (act) {
    case "add": {
      const { sd_id: item, handoff_type: type, status, resolved } = document;
      const also = resolved.length === 0 ? "" : ` Earlier failures resolved by it: ${resolved.length}.`;
      return `On record: ${item} ${type} ${status} (${document.id.slice(0, 8)}).${also}`;
    }
    case "resolve":
      return document.resolved_at === null
        ? `Noted. ${document.handoff_type} of ${document.sd_id} still stands in the way.`
        : `Resolved: ${document.handoff_type} of ${document.sd_id} (${document.resolution_type}).`;
    case "list":
      return listText(document);
  }
}

function listText({ handoffs }: HandoffsDocument): string {
  if (handoffs.length === 0) return "No handoffs.";
  const header = ["id", "item", "type", "status", "blocked", "resolved", "why"];
  const rows = handoffs.map((row) => [
    row.id.slice(0, 8),
    row.sd_id,
    row.handoff_type,
    row.status,
    row.hours_blocked === null ? "-" : `${row.hours_blocked.toFixed(1)} h`,
    row.resolution_type ?? "-",
    row.resolution_notes ?? row.rejection_reason ?? "",
  ]);
  return formatTable([header, ...rows]);
}
