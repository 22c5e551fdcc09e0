import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inClone } from "../../../src/app/clone.ts";
import { shipTools } from "../../../src/app/ship.ts";
import { asBulkheadError } from "../../../src/domain/error.ts";
import type { Git, GitRunOptions } from "../../../src/git/git.ts";
import type { GitHub } from "../../../src/github/github.ts";
import type { ShipRequest } from "../../../src/ship/facts.ts";
import type { ShipResult } from "../../../src/ship/result.ts";
import { ship } from "../../../src/ship/ship.ts";
import type { StepResult } from "../../../src/ship/step.ts";
import type { ShipTools } from "../../../src/ship/tools.ts";
import type { TestRepository } from "../repository.ts";
import type { GitHubGround } from "./ground.ts";
import { PLAIN_REQUEST } from "./ship-ground.ts";

/** When a ship dies: at the how many-th write of its journal or effect, and on which side of it. */
export interface Death {
  readonly at: number;
  readonly side: "before" | "after";
}

/** A process that never was: dead to every other ship. */
const GHOST = { pid: 0x7ffffffe, startedAt: "ghost" };

/** What never comes: a dead ship waits for it forever, so that nothing of it is ever cleaned up, as after `kill -9`. */
const NEVER = new Promise<never>(() => {});

/** The life of one ship: everything that it writes, in order, until it dies. */
export class Life {
  /** What it wrote: `journal <step> <state>`, `git <command>`, `github <method>`. */
  readonly events: string[] = [];
  readonly died: Promise<void>;
  readonly #death: Death | null;
  readonly #onDeath: () => void;
  #end: () => void = () => {};
  dead = false;

  /** @param onDeath cuts what this program does not start itself off from the world */
  constructor(death: Death | null, onDeath: () => void = () => {}) {
    this.#death = death;
    this.#onDeath = onDeath;
    this.died = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  /** Before a write. @returns whether it still happens */
  before(event: string): boolean {
    if (this.dead) return false;
    if (this.#death?.side === "before" && this.#death.at === this.events.length) this.#die();
    if (!this.dead) this.events.push(event);
    return !this.dead;
  }

  /** After a write. @returns whether the ship lives to hear of it */
  after(): boolean {
    if (!this.dead && this.#death?.side === "after" && this.#death.at === this.events.length - 1) this.#die();
    return !this.dead;
  }

  #die(): void {
    this.dead = true;
    this.#onDeath();
    this.#end();
  }
}

/** The mutating part of GitHub's interface. */
const WRITES = new Set(["merge", "startMerge", "createPullRequest", "changeBase", "enqueue", "arm", "revert"]);

function mortalGit(git: Git, life: Life): Git {
  const run = async (args: readonly string[], options: GitRunOptions = {}) => {
    const writes = options.mode === "write" && args[0] !== "update-index";
    if (writes ? !life.before(`git ${args[0]}`) : life.dead) return NEVER;
    const output = await git.run(args, options);
    return writes ? (life.after() ? output : NEVER) : life.dead ? NEVER : output;
  };
  return {
    ...git,
    run,
    text: async (args, options) => (await run(args, options)).stdout.replace(/\r?\n$/, ""),
    records: async (args, options) => (await run(args, options)).stdout.split("\0").slice(0, -1),
    in: (directory) => mortalGit(git.in(directory), life),
    undisturbed: () => mortalGit(git.undisturbed(), life),
  };
}

function mortalGitHub(github: GitHub, life: Life): GitHub {
  return new Proxy(github, {
    get(target, name, receiver) {
      const method: unknown = Reflect.get(target, name, receiver);
      if (typeof method !== "function") return method;
      const writes = WRITES.has(String(name));
      return async (...args: unknown[]) => {
        if (writes ? !life.before(`github ${String(name)}`) : life.dead) return NEVER;
        try {
          return await (method as (...args: unknown[]) => Promise<unknown>).apply(target, args);
        } finally {
          if (writes ? !life.after() : life.dead) await NEVER;
        }
      };
    },
  });
}

/** What a journal's new text says that its old one did not: a step and its state, else `itself`. */
function noted(path: string, text: string): string {
  const steps = (journal: string) => (JSON.parse(journal) as { steps: StepResult[] }).steps;
  const before = existsSync(path) ? steps(readFileSync(path, "utf8")) : [];
  const changed = steps(text).filter(
    ({ state }, index) => before[index] !== undefined && state !== before[index].state,
  );
  return changed.length === 1 ? changed.map(({ step, state }) => `${step.kind} ${state}`).join() : "itself";
}

function mortalTools(tools: ShipTools, life: Life): ShipTools {
  return {
    ...tools,
    repository: { ...tools.repository, git: mortalGit(tools.repository.git, life) },
    steadyGit: mortalGit(tools.steadyGit, life),
    connect: async (...asked) => mortalGitHub(await tools.connect(...asked), life),
    save(path, text) {
      if (!life.before(`journal ${noted(path, text)}`)) return;
      tools.save(path, text);
      life.after();
    },
    processes: {
      ...tools.processes,
      self: GHOST,
      liveness: (owner) => (owner.pid === GHOST.pid ? "gone" : tools.processes.liveness(owner)),
    },
    shipped: async (merge) => (life.dead ? NEVER : tools.shipped(merge)),
    sleep: async (ms) => (life.dead ? NEVER : tools.sleep(ms)),
  };
}

/** How a ship ended that was let live; null where it died. */
export type Ending =
  | { readonly result: ShipResult }
  | { readonly code: string; readonly message: string; readonly exitCode: number }
  | null;

/**
 * Ships in this very process, and dies where it is told to: from then on nothing of it happens any more, here or on
 * GitHub, and nothing is cleaned up. Every pause passes at once.
 */
export async function mortalShip(
  ground: GitHubGround,
  at: TestRepository,
  request: Partial<ShipRequest>,
  death: Death | null,
  env: NodeJS.ProcessEnv = {},
): Promise<{ ending: Ending; events: readonly string[]; notes: readonly string[] }> {
  const cut = join(ground.directory, "cut");
  rmSync(cut, { force: true });
  const life = new Life(death, () => writeFileSync(cut, ""));
  let time = Date.now();
  const clock = {
    now: () => new Date(time),
    sleep: async (ms: number) => {
      time += ms;
    },
  };
  const notes: string[] = [];
  const note = (line: string) => void notes.push(line);
  const options = { directory: at.path, env: { ...ground.env, GITHUB_TOKEN: ground.token, ...env }, note };
  const lived = inClone(options, async (clone): Promise<Ending> => {
    try {
      const tools = mortalTools({ ...(await shipTools(clone)), ...clock }, life);
      return { result: await ship({ ...PLAIN_REQUEST, ...request }, tools) };
    } catch (thrown) {
      const { code, message, exitCode } = asBulkheadError(thrown);
      return { code, message, exitCode };
    }
  });
  const ending = await Promise.race([lived, life.died.then(() => null)]);
  rmSync(cut, { force: true });
  return { ending, events: life.events, notes };
}
