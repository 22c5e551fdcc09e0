import type { Clone } from "../app/clone.ts";
import {
  diffSnapshot,
  listSnapshots,
  type SnapshotDocument,
  type SnapshotPatchDocument,
  type SnapshotsDocument,
  showSnapshot,
  type TakenDocument,
  takeSnapshots,
} from "../app/snapshot.ts";
import { type RestoreDocument, type RestoreTarget, restoreSnapshot } from "../app/snapshot-restore.ts";
import { BulkheadError } from "../domain/error.ts";
import { defineCommand, type Word } from "./command.ts";
import { listText, restoreText, showText, takenText } from "./snapshot-text.ts";

interface Options {
  readonly all?: boolean;
  readonly here?: boolean;
  readonly to?: string;
  readonly branch?: string | boolean;
}

type Document =
  | { readonly kind: "taken"; readonly document: TakenDocument }
  | { readonly kind: "list"; readonly document: SnapshotsDocument }
  | { readonly kind: "show"; readonly document: SnapshotDocument }
  | { readonly kind: "diff"; readonly document: SnapshotPatchDocument }
  | { readonly kind: "restore"; readonly document: RestoreDocument };

type Input = (clone: Clone) => Promise<Document>;

const ACTS = ["take", "list", "show", "diff", "restore"] as const;

export const command = defineCommand({
  examples: [
    ["snapshot", "save what is uncommitted here, without touching it"],
    ["snapshot list --all", "what was saved, of every worktree"],
    ["snapshot restore", "the newest one into a new directory"],
    ["snapshot restore 9f3c --here -- src", "files of one, into this worktree"],
  ],
  configure(command) {
    command
      .argument("[act]", "take (the default), list, show, diff or restore")
      .argument("[snapshot-and-paths...]", "a snapshot (the newest of this worktree unless told), then paths")
      .option("--all", "with take and list: every worktree of the clone")
      .option("--to <directory>", "with restore: the new directory")
      .option("--branch [name]", "with restore: a new branch instead")
      .option("--here", "with restore: into this worktree, after a snapshot of it")
      .usage("[take|list|show|diff|restore] [<snapshot>] [-- <path>…]");
  },
  input: ([act, rest], options: Options): Input => actOf(act, [rest ?? []].flat(), options),
  run: (clone, input: Input) => input(clone),
  json: ({ document }: Document) => document,
  text: textOf,
  exitCode: (shown) => (shown.kind === "taken" && shown.document.snapshots.some(({ error }) => error !== null) ? 4 : 0),
});

function actOf(word: Word, rest: readonly string[], options: Options): Input {
  const act = ACTS.find((known) => known === (word ?? "take"));
  if (act === undefined) throw usage(`'${word}' is not one of ${ACTS.join(", ")}.`);
  const { all, here, to, branch } = options;
  if (all && act !== "take" && act !== "list") throw usage(`--all goes with take and list, not with ${act}.`);
  const targets = Object.entries({ here, to, branch }).filter(([, given]) => given !== undefined && given !== false);
  if (targets.length > 0 && act !== "restore") throw usage(`--${targets[0]?.[0]} goes with restore, not with ${act}.`);
  if (targets.length > 1) throw usage(`${targets.map(([name]) => `--${name}`).join(" and ")} exclude each other.`);
  const { name, paths } = split(rest);
  if ((act === "take" || act === "list") && rest.length > 0) throw usage(`${act} takes no '${rest[0]}'.`);
  if (act === "show" && paths.length > 0) throw usage(`'${paths[0]}' is no snapshot.`);
  if (branch !== undefined && paths.length > 0) throw usage("A branch holds all files: leave the paths out.");
  return runOf(act, { name, paths, all: all ?? false, target: targetOf(options) });
}

function runOf(
  act: (typeof ACTS)[number],
  { name, paths, all, target }: { name: string | null; paths: readonly string[]; all: boolean; target: RestoreTarget },
): Input {
  switch (act) {
    case "take":
      return async (clone) => ({ kind: "taken", document: await takeSnapshots(clone, { all, cause: "asked for" }) });
    case "list":
      return async (clone) => ({ kind: "list", document: await listSnapshots(clone, { all }) });
    case "show":
      return async (clone) => ({ kind: "show", document: await showSnapshot(clone, name) });
    case "diff":
      return async (clone) => ({ kind: "diff", document: await diffSnapshot(clone, name, paths) });
    default:
      return async (clone) => ({
        kind: "restore",
        document: await restoreSnapshot(clone, { snapshot: name, target, paths }),
      });
  }
}

/** The first word is a snapshot where it looks like one; a file of such a name is written with `./`. */
function split(words: readonly string[]): { name: string | null; paths: readonly string[] } {
  const [first, ...others] = words;
  const isSnapshot =
    first !== undefined && /^(?:latest|[0-9a-f]{4}|\d{8}(?:-\d{0,6}(?:-[0-9a-f]{0,4})?)?)$/.test(first);
  return isSnapshot ? { name: first, paths: others } : { name: null, paths: words };
}

function targetOf({ here, to, branch }: Options): RestoreTarget {
  if (here) return { kind: "here" };
  if (branch !== undefined) return { kind: "branch", name: typeof branch === "string" ? branch : null };
  return { kind: "directory", path: to ?? null };
}

function textOf(shown: Document): string {
  switch (shown.kind) {
    case "taken":
      return takenText(shown.document);
    case "list":
      return listText(shown.document);
    case "show":
      return showText(shown.document);
    case "diff":
      return shown.document.patch.join("\n");
    default:
      return restoreText(shown.document);
  }
}

function usage(reason: string): BulkheadError {
  return new BulkheadError("USAGE", { reason, command: "snapshot" });
}
