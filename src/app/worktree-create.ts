import { existsSync } from "node:fs";
import type { BranchName } from "../domain/names.ts";
import { type Created, create } from "../worktree/create.ts";
import type { LinkMode } from "../worktree/node-modules.ts";
import { readPort } from "../worktree/port.ts";
import {
  equip,
  type RecipeStep,
  readIgnored,
  runSetup,
  type SetupOptions,
  worktreeEnvironment,
} from "../worktree/recipe.ts";
import { repairAll } from "../worktree/repair.ts";
import { runAttached } from "../worktree/run-command.ts";
import type { WorktreeTools } from "../worktree/surroundings.ts";
import { placeOf, type Target } from "../worktree/target.ts";
import { type Clone, inClone } from "./clone.ts";
import { ensureKeeper } from "./keeper.ts";
import { type StartDocument, start } from "./start.ts";
import type { OwnerInput } from "./workplace.ts";
import { settleLocks } from "./worktree-locks.ts";
import { isArmed, proveHooks, worktreeTools } from "./worktree-tools.ts";

export interface CreateWorktreeInput extends OwnerInput {
  readonly target: Target;
  /** Null for `feat/<item>`, or whatever branch the worktree that is there is for. */
  readonly branch: BranchName | null;
  /** What a new branch starts from; null for the base. */
  readonly base: string | null;
  readonly force: boolean;
  /** How node_modules is shared; null for the setting. */
  readonly linkModules: LinkMode | null;
  readonly setup: SetupOptions["answer"];
  /** Puts a question to the person at the terminal; null where nobody is there. */
  readonly ask: SetupOptions["ask"];
  /** Whether to start a session on the item there. */
  readonly start: boolean;
  /** A command line to run there when all else is done; null for none. */
  readonly open: string | null;
}

/** A worktree that is ready to work in. */
export interface CreateWorktreeDocument {
  readonly path: string;
  readonly branch: string;
  readonly sdKey: string | null;
  readonly session: string;
  readonly created: boolean;
  readonly reused: boolean;
  /** What a new branch starts from, in words; null for a branch that was there. */
  readonly from: string | null;
  /** What became of asking the remote; null where there was no need to. */
  readonly fetched: Created["fetched"];
  /** For programs to listen on: `BULKHEAD_PORT`. */
  readonly port: number | null;
  readonly steps: readonly RecipeStep[];
  /** Set-up commands of the repository that wait for a yes. */
  readonly setup_waiting: { readonly source: string; readonly commands: readonly string[] } | null;
  /** Where what stood there before is kept. */
  readonly trash: string | null;
  /** The session that was started; null for none. */
  readonly started: StartDocument | null;
  /** What came of the command that was to be run there; null for none. */
  readonly opened: { readonly command: string; readonly exit_code: number | null } | null;
}

/** Makes the worktree of an item or a named session, or gives the one there is. @throws BulkheadError as `create` */
export async function createWorktree(clone: Clone, input: CreateWorktreeInput): Promise<CreateWorktreeDocument> {
  const tools = await worktreeTools(clone, input);
  await settleLocks(clone);
  await repairAll(tools);
  const { target } = input;
  const options = await recipeOptions(clone, tools, input);
  const { created, equipped } = await create(tools, input, async (made) => {
    const result = await equip(tools, { target, ...made }, options(made));
    return { result, whole: !result.some(({ state }) => state === "failed") };
  });
  const setup =
    equipped === null ? null : await runSetup(tools, { target, ...created }, await setupOptions(clone, input));
  const steps = [...(equipped ?? []), ...(setup === null ? [] : [setup.step])];
  const started = input.start ? await startThere(clone, created.path, input) : null;
  if (started === null && (await hasSessions(clone))) await ensureKeeper(clone);
  const { path, gitDir } = created;
  const env = worktreeEnvironment(tools, gitDir);
  const { open } = input;
  const opened = open === null ? null : { command: open, exit_code: await runAttached(open, { cwd: path, env }) };
  return {
    opened,
    path,
    branch: created.branch,
    sdKey: target.kind === "item" ? target.name : null,
    session: target.name,
    created: created.created,
    reused: !created.created,
    from: created.from,
    fetched: created.fetched,
    port: readPort(created.gitDir),
    steps,
    setup_waiting: setup?.waiting ?? null,
    trash: created.trash,
    started,
  };
}

async function recipeOptions(clone: Clone, tools: WorktreeTools, { linkModules, target }: CreateWorktreeInput) {
  // Where a worktree is going to be made, this is known by the time that its files are there.
  const early = existsSync(placeOf(tools.root, target)) ? null : readIgnored(tools);
  early?.catch(() => {});
  const settings = await clone.settings();
  const identity = await clone.identity();
  const armed = isArmed(clone.repository.commonDir);
  return ({ path }: Created) => ({
    linkModules: linkModules ?? (settings.linkModules.value as LinkMode),
    identity,
    ignored: () => early ?? readIgnored(tools),
    proveHooks: armed ? () => proveHooks(clone, path) : null,
  });
}

async function setupOptions(clone: Clone, { setup, ask }: CreateWorktreeInput): Promise<SetupOptions> {
  return { configured: (await clone.settings()).setup.value, answer: setup, ask };
}

/** Whether anybody is at work in this clone: then there is something to keep. */
async function hasSessions(clone: Clone): Promise<boolean> {
  try {
    return ((await (await clone.openedStore())?.listSessions()) ?? []).length > 0;
  } catch {
    return false;
  }
}

/** The worktree is there by now, whatever comes of the session. */
async function startThere(clone: Clone, path: string, input: CreateWorktreeInput): Promise<StartDocument> {
  const { env, signal, clock, note, progress } = clone;
  return inClone({ directory: path, env, signal, clock, note, progress }, (there) =>
    start(there, { ...input, item: input.target.name, share: false, move: true }),
  );
}
