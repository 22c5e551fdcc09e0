import type { CommandModule } from "./command.ts";

/** Parts of the help, in its order. */
export const GROUPS = ["Set up", "Work", "Ship", "Recover", "Operate"] as const;

export interface CommandEntry {
  readonly group: (typeof GROUPS)[number];
  /** What it does, in one line of the help: at most 58 letters. */
  readonly summary: string;
  readonly load: () => Promise<CommandModule>;
  /** Only named in the help, without its summary: not what people need every day. */
  readonly brief?: boolean;
  /** Not shown in the help: git or another program calls it. */
  readonly hidden?: boolean;
}

/** Every command, in the order of the help. Only the one that runs is loaded. */
export const COMMANDS: Readonly<Record<string, CommandEntry>> = {
  init: {
    group: "Set up",
    summary: "arm this clone: hooks, ignore rules, git bulkhead",
    load: async () => (await import("./init.ts")).command,
  },
  doctor: {
    group: "Set up",
    summary: "prove that this clone is protected",
    load: async () => (await import("./doctor.ts")).command,
  },
  start: {
    group: "Work",
    summary: "claim a work item for this terminal's session",
    load: async () => (await import("./start.ts")).command,
  },
  run: {
    group: "Work",
    summary: "claim an item, run a command on it, give it back",
    load: async () => (await import("./run.ts")).command,
  },
  status: {
    group: "Work",
    summary: "this worktree: session, claim, branch, expectation",
    load: async () => (await import("./status.ts")).command,
  },
  sessions: {
    group: "Work",
    summary: "who is at work, on what, on which branch",
    load: async () => (await import("./sessions.ts")).command,
  },
  expect: {
    group: "Work",
    summary: "show or change the branch that this worktree expects",
    load: async () => (await import("./expect.ts")).command,
  },
  release: {
    group: "Work",
    summary: "end the claim; --end ends the session",
    load: async () => (await import("./release.ts")).command,
  },
  request: {
    group: "Work",
    brief: true,
    summary: "ask whoever holds an item for it",
    load: async () => (await import("./request.ts")).command,
  },
  worktree: {
    group: "Work",
    summary: "make, list, remove and restore worktrees",
    load: async () => (await import("./worktree.ts")).command,
  },
  "shell-init": {
    group: "Work",
    brief: true,
    summary: "a shell function for `bulkhead cd <item>`",
    load: async () => (await import("./shell-init.ts")).command,
  },
  concurrent: {
    group: "Work",
    brief: true,
    summary: "other live sessions on this branch",
    load: async () => (await import("./concurrent.ts")).command,
  },
  gate: {
    group: "Work",
    brief: true,
    summary: "may this terminal work on an item?",
    load: async () => (await import("./gate.ts")).command,
  },
  handoff: {
    group: "Work",
    brief: true,
    summary: "an item's handoffs: put on record, list, resolve",
    load: async () => (await import("./handoff.ts")).command,
  },
  ship: {
    group: "Ship",
    summary: "merge a pull request without touching anyone's checkout",
    load: async () => (await import("./ship.ts")).command,
  },
  recover: {
    group: "Recover",
    summary: "find lost commits and bring them back",
    load: async () => (await import("./recover.ts")).command,
  },
  snapshot: {
    group: "Recover",
    summary: "save uncommitted work, and bring it back",
    load: async () => (await import("./snapshot.ts")).command,
  },
  overlaps: {
    group: "Work",
    brief: true,
    summary: "sessions that touch the same files, or would conflict",
    load: async () => (await import("./overlaps.ts")).command,
  },
  guard: {
    group: "Operate",
    brief: true,
    summary: "what the guard says of a commit here (--check)",
    load: async () => (await import("./guard.ts")).command,
  },
  keeper: {
    group: "Operate",
    brief: true,
    summary: "the process that keeps the clone's heartbeats",
    load: async () => (await import("./keeper.ts")).command,
  },
  heartbeat: {
    group: "Operate",
    brief: true,
    summary: "one heartbeat now",
    load: async () => (await import("./heartbeat.ts")).command,
  },
  events: {
    group: "Operate",
    brief: true,
    summary: "the lifecycle log",
    load: async () => (await import("./events.ts")).command,
  },
  metrics: {
    group: "Operate",
    brief: true,
    summary: "counts of the last 24 hours",
    load: async () => (await import("./metrics.ts")).command,
  },
  cleanup: {
    group: "Operate",
    brief: true,
    summary: "end sessions that are stale or whose process is gone",
    load: async () => (await import("./cleanup.ts")).command,
  },
  db: {
    group: "Operate",
    brief: true,
    summary: "migrate the session database, or show where it stands",
    load: async () => (await import("./db.ts")).command,
  },
};
