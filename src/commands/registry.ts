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
  init: { summary: "set up this clone: hooks, ignore rules, npm scripts", load: () => import("./init.ts") },
  doctor: { summary: "prove that this clone is protected", load: () => import("./doctor.ts") },
  // --- worktrees
  worktree: { summary: "list worktrees, or adopt one (--list, --adopt)", load: () => import("./worktree.ts") },

  // --- sessions
  start: { summary: "claim a work item for this terminal's session", load: () => import("./start.ts") },
  release: { summary: "end the claim; --end ends the session", load: () => import("./release.ts") },
  expect: { summary: "show or change the branch that this worktree expects", load: () => import("./expect.ts") },
  sessions: { summary: "who is at work, on what, on which branch", load: () => import("./sessions.ts") },
  status: { summary: "this worktree: session, claim, branch, expectation", load: () => import("./status.ts") },
  concurrent: { summary: "other live sessions on this branch", load: () => import("./concurrent.ts") },
  heartbeat: { summary: "one heartbeat now", load: () => import("./heartbeat.ts") },
  events: { summary: "the lifecycle log", load: () => import("./events.ts") },
  metrics: { summary: "counts of the last 24 hours", load: () => import("./metrics.ts") },
  cleanup: { summary: "end sessions that are stale or whose process is gone", load: () => import("./cleanup.ts") },
  // --- shipping
  ship: {
    summary: "merge a pull request without touching anyone's checkout",
    load: () => import("./ship.ts"),
  },
  // --- recovery
  recover: {
    summary: "find lost commits and bring them back",
    load: () => import("./recover.ts"),
  },
  // --- called by git or by operators
  guard: { summary: "what the guard says of a commit here (--check)", load: () => import("./guard.ts") },
  db: { summary: "migrate the session database, or show where it stands", load: () => import("./db.ts") },
};
