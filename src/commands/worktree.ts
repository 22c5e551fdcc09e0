import type { Clone } from "../app/clone.ts";
import type { CleanupWorktreeDocument } from "../app/worktree-cleanup.ts";
import type { CreateWorktreeDocument } from "../app/worktree-create.ts";
import type { SweepDocument } from "../app/worktree-merged.ts";
import type { RestoreWorktreeDocument } from "../app/worktree-restore.ts";
import type { TrashDocument } from "../app/worktree-trash.ts";
import type { AdoptDocument, WorktreesDocument } from "../app/worktrees.ts";
import { BulkheadError } from "../domain/error.ts";
import { parseBranchName, parseWorkItemKey } from "../domain/names.ts";
import type { Target } from "../worktree/target.ts";
import { askYesNo } from "./ask.ts";
import { defineCommand, type Word } from "./command.ts";
import { type OwnerOptions, ownerOf, withOwnerOptions } from "./owner-options.ts";
import { refuseOthers } from "./usage.ts";
import {
  adoptText,
  cleanupText,
  createNotes,
  listRecords,
  listText,
  restoreText,
  sweepText,
  trashText,
} from "./worktree-text.ts";

interface Options extends OwnerOptions {
  readonly sdKey?: string;
  readonly session?: string;
  readonly branch?: string;
  readonly base?: string;
  readonly force?: boolean;
  readonly symlink?: boolean;
  readonly setup?: boolean;
  readonly start?: boolean;
  readonly list?: boolean;
  readonly cleanup?: boolean;
  readonly adopt?: boolean;
  readonly restore?: string | boolean;
  readonly merged?: boolean;
  readonly dryRun?: boolean;
  readonly trash?: boolean;
  readonly emptyTrash?: boolean;
  readonly path?: boolean;
  readonly open?: string;
  readonly porcelain?: boolean;
  readonly z?: boolean;
}

type Document =
  | { readonly kind: "list"; readonly document: WorktreesDocument }
  | { readonly kind: "adopt"; readonly document: AdoptDocument }
  | { readonly kind: "create"; readonly document: CreateWorktreeDocument }
  | { readonly kind: "cleanup"; readonly document: CleanupWorktreeDocument }
  | { readonly kind: "path"; readonly document: { readonly path: string } }
  | { readonly kind: "sweep"; readonly document: SweepDocument }
  | { readonly kind: "trash"; readonly document: TrashDocument }
  | { readonly kind: "restore"; readonly document: RestoreWorktreeDocument };

type Act = (clone: Clone) => Promise<Document>;

interface Input {
  readonly run: (clone: Clone) => Promise<Document>;
  readonly porcelain: boolean;
}

export const command = defineCommand({
  examples: [
    ["worktree --list", "all worktrees, and what each is for"],
    ["worktree --adopt", "give this one its .session.json back"],
  ],
  configure(command) {
    withOwnerOptions(command.argument("[item]", "the work item: short for --sd-key"))
      .option("--sd-key <item>", "the worktree of a work item, in .worktrees/<item>")
      .option("--session <name>", "the worktree of a named session, in .sessions/<name>")
      .option("--branch <branch>", "its branch (feat/<item> unless told)")
      .option("--base <ref>", "what a new branch starts from (the remote's base unless told)")
      .option("--force", "save what is in the way, then make it anew or remove it")
      .option("--no-symlink", "do not share node_modules")
      .option("--setup", "agree to the repository's own set-up commands, and run them")
      .option("--no-setup", "run no set-up commands")
      .option("--start", "start a session on the item there")
      .option("--list", "list the clone's worktrees and what each is for")
      .option("--porcelain", "with --list: records for scripts, ended by NUL as with -z")
      .option("-z", "with --porcelain: end each fact with NUL, which it always is")
      .option("--path", "print where a worktree is")
      .option("--open <command>", "run a command in it, with BULKHEAD_PORT set")
      .option("--cleanup", "remove a worktree, if nothing would be lost by it")
      .option("--merged", "with --cleanup: remove all that is merged and that nobody uses")
      .option("--dry-run", "with --merged: show the plan only")
      .option("--trash", "list removed worktrees that are kept")
      .option("--empty-trash", "delete those that are too old or too much")
      .option("--restore [name]", "bring a removed worktree back")
      .option("--adopt", "give this worktree its .session.json back")
      .usage("[item] [options]");
  },
  input: (words, options: Options, { interactive }): Input => ({
    run: actOf(words, options, interactive),
    porcelain: options.porcelain ?? false,
  }),
  run: (clone, input: Input) => input.run(clone),
  raw: (shown: Document, { porcelain }: Input) =>
    porcelain && shown.kind === "list" ? listRecords(shown.document) : null,
  json: ({ document }: Document) => document,
  notes: (shown: Document) => (shown.kind === "create" ? createNotes(shown.document) : []),
  text: textOf,
  exitCode,
});

function actOf([word]: readonly Word[], options: Options, interactive: boolean): Act {
  const { list, cleanup, adopt, restore, trash, emptyTrash, path } = options;
  const acts = Object.entries({ list, cleanup, adopt, restore, trash, "empty-trash": emptyTrash, path }).filter(
    ([, given]) => given !== undefined,
  );
  if (acts.length > 1) throw usage(`${acts.map(([name]) => `--${name}`).join(" and ")} exclude each other.`);
  const target = targetOf(typeof word === "string" ? word : undefined, options);
  refuseWhatDoesNotFit(acts[0]?.[0] ?? (target === null ? "list" : "create"), target, options);
  const owner = ownerOf(options);
  if (adopt) return async (clone) => ({ kind: "adopt", document: await (await worktrees()).adopt(clone) });
  if (restore !== undefined) {
    const name = typeof restore === "string" ? restore : target?.name;
    if (name === undefined) throw usage("Say what to restore: --restore <item>.");
    return async (clone) => {
      const { restoreWorktree } = await import("../app/worktree-restore.ts");
      return { kind: "restore", document: await restoreWorktree(clone, { ...owner, name }) };
    };
  }
  if (options.path) {
    const name = target?.name ?? null;
    return async (clone) => {
      const { worktreePath } = await import("../app/worktree-path.ts");
      return { kind: "path", document: await worktreePath(clone, name) };
    };
  }
  if (trash || emptyTrash) {
    return async (clone) => {
      const bin = await import("../app/worktree-trash.ts");
      return { kind: "trash", document: await (emptyTrash ? bin.emptyTrash(clone) : bin.listTrash(clone)) };
    };
  }
  if (cleanup && options.merged) {
    return async (clone) => {
      const { sweepMerged } = await import("../app/worktree-merged.ts");
      return { kind: "sweep", document: await sweepMerged(clone, { ...owner, dryRun: options.dryRun ?? false }) };
    };
  }
  if (cleanup) {
    if (target === null) throw usage("Say what to clean up: --sd-key <item> or --session <name>.");
    return async (clone) => {
      const { cleanupWorktree } = await import("../app/worktree-cleanup.ts");
      const document = await cleanupWorktree(clone, { ...owner, target, force: options.force ?? false });
      return { kind: "cleanup", document };
    };
  }
  if (target === null || list) {
    return async (clone) => ({ kind: "list", document: await (await worktrees()).listWorktrees(clone) });
  }
  return createInput(target, options, interactive);
}

const NAMING = ["sdKey", "session"];
const OWNER = ["pid", "agentSession"];
/** What goes with each act, and whether it takes a worktree's name. */
const FITTING: Readonly<Record<string, { readonly named: boolean; readonly options: readonly string[] }>> = {
  list: { named: false, options: ["list", "porcelain", "z"] },
  adopt: { named: false, options: ["adopt", ...OWNER] },
  restore: { named: true, options: ["restore", ...NAMING, ...OWNER] },
  path: { named: true, options: ["path", ...NAMING] },
  trash: { named: false, options: ["trash"] },
  "empty-trash": { named: false, options: ["emptyTrash"] },
  merged: { named: false, options: ["cleanup", "merged", "dryRun", ...OWNER] },
  cleanup: { named: true, options: ["cleanup", "force", ...NAMING, ...OWNER] },
  create: {
    named: true,
    options: ["branch", "base", "force", "symlink", "setup", "start", "open", ...NAMING, ...OWNER],
  },
};

/** @throws BulkheadError `USAGE` for what the act would leave out of account */
function refuseWhatDoesNotFit(name: string, target: Target | null, options: Options): void {
  const act = name === "cleanup" && options.merged ? "merged" : name;
  const typedAs = { create: "worktree <item>", merged: "worktree --cleanup --merged" }[act] ?? `worktree --${act}`;
  const fitting = FITTING[act] ?? { named: true, options: [] };
  refuseOthers(options, fitting.options, typedAs, "worktree");
  if (target !== null && !fitting.named) throw usage(`'${target.name}' is one word too many for: ${typedAs}`);
}

function createInput(target: Target, options: Options, interactive: boolean): Act {
  const input = {
    ...ownerOf(options),
    target,
    branch: options.branch === undefined ? null : parseBranchName(options.branch),
    base: options.base ?? null,
    force: options.force ?? false,
    linkModules: options.symlink === false ? ("none" as const) : null,
    setup: options.setup === undefined ? ("ask" as const) : options.setup ? ("yes" as const) : ("no" as const),
    ask: interactive ? askYesNo : null,
    start: options.start ?? false,
    open: options.open ?? null,
  };
  return async (clone) => {
    const { createWorktree } = await import("../app/worktree-create.ts");
    return { kind: "create", document: await createWorktree(clone, input) };
  };
}

function worktrees() {
  return import("../app/worktrees.ts");
}

function targetOf(word: string | undefined, { sdKey, session }: Options): Target | null {
  const items = [word, sdKey].filter((name) => name !== undefined);
  if (items.length + (session === undefined ? 0 : 1) > 1) throw usage("Name one item or one session.");
  if (session !== undefined) return { kind: "session", name: parseWorkItemKey(session) };
  return items[0] === undefined ? null : { kind: "item", name: parseWorkItemKey(items[0]) };
}

function textOf(shown: Document): string {
  switch (shown.kind) {
    case "list":
      return listText(shown.document);
    case "adopt":
      return adoptText(shown.document);
    case "cleanup":
      return cleanupText(shown.document);
    case "sweep":
      return sweepText(shown.document);
    case "trash":
      return trashText(shown.document);
    case "restore":
      return restoreText(shown.document);
    case "path":
      return shown.document.path;
    case "create":
      // Alone on standard output: cd "$(git bulkhead worktree <item>)".
      return shown.document.path;
  }
}

function exitCode({ kind, document }: Document): 0 | 1 | 4 {
  if (kind === "create") {
    const failed = document.steps.some(({ state }) => state === "failed");
    return failed || (document.opened !== null && document.opened.exit_code !== 0) ? 4 : 0;
  }
  if (kind !== "cleanup") return 0;
  if (document.reason === "removal_incomplete") return 4;
  return document.cleaned ? 0 : 1;
}

function usage(reason: string): BulkheadError {
  return new BulkheadError("USAGE", { reason, command: "worktree" });
}
