import type { CommandModule } from "./command.ts";

interface Entry {
  readonly summary: string;
  readonly load: () => Promise<CommandModule>;
  /** Not shown in the help: git or another program calls it. */
  readonly hidden?: boolean;
}

/** Every command, in the order of the help. Only the one that runs is loaded. */
export const COMMANDS: Readonly<Record<string, Entry>> = {
  // --- setting up
  init: {
    summary: "set up this clone: hooks, ignore rules, npm scripts",
    load: async () => (await import("./init.ts")).command,
  },
  doctor: { summary: "prove that this clone is protected", load: async () => (await import("./doctor.ts")).command },
  // --- worktrees
  worktree: {
    summary: "make, list, remove and restore worktrees",
    load: async () => (await import("./worktree.ts")).command,
  },
  "shell-init": {
    summary: "a shell function for `bulkhead cd <item>`",
    load: async () => (await import("./shell-init.ts")).command,
  },
  // --- sessions
  start: {
    summary: "claim a work item for this terminal's session",
    load: async () => (await import("./start.ts")).command,
  },
  release: {
    summary: "end the claim; --end ends the session",
    load: async () => (await import("./release.ts")).command,
  },
  expect: {
    summary: "show or change the branch that this worktree expects",
    load: async () => (await import("./expect.ts")).command,
  },
  sessions: {
    summary: "who is at work, on what, on which branch",
    load: async () => (await import("./sessions.ts")).command,
  },
  status: {
    summary: "this worktree: session, claim, branch, expectation",
    load: async () => (await import("./status.ts")).command,
  },
  concurrent: {
    summary: "other live sessions on this branch",
    load: async () => (await import("./concurrent.ts")).command,
  },
  heartbeat: { summary: "one heartbeat now", load: async () => (await import("./heartbeat.ts")).command },
  keeper: {
    summary: "the process that keeps the clone's heartbeats: run, start, stop, status",
    load: async () => (await import("./keeper.ts")).command,
  },
  events: { summary: "the lifecycle log", load: async () => (await import("./events.ts")).command },
  metrics: { summary: "counts of the last 24 hours", load: async () => (await import("./metrics.ts")).command },
  cleanup: {
    summary: "end sessions that are stale or whose process is gone",
    load: async () => (await import("./cleanup.ts")).command,
  },
  // --- shipping
  ship: {
    summary: "merge a pull request without touching anyone's checkout",
    load: async () => (await import("./ship.ts")).command,
  },
  // --- recovery
  recover: {
    summary: "find lost commits and bring them back",
    load: async () => (await import("./recover.ts")).command,
  },
  // --- called by git or by operators
  guard: {
    summary: "what the guard says of a commit here (--check)",
    load: async () => (await import("./guard.ts")).command,
  },
  db: {
    summary: "migrate the session database, or show where it stands",
    load: async () => (await import("./db.ts")).command,
  },
};
