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
  // --- shipping
  // --- recovery
  recover: {
    summary: "find lost commits and bring them back",
    load: () => import("./recover.ts"),
  },
  // --- called by git or by operators
  guard: { summary: "what the guard says of a commit here (--check)", load: () => import("./guard.ts") },
};
