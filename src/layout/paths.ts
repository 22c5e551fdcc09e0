import { join } from "node:path";

/** Names, at a worktree's top, of the files that hold its expectation; the first found counts. */
export const EXPECTATION_FILES = [".session.json", ".worktree.json"] as const;
/** The one that Bulkhead writes. */
export const SESSION_FILE = ".session.json";

/** Whether a file at a worktree's top is what a writer of its session file has left that was killed. */
export function isSessionDraft(name: string): boolean {
  return name.startsWith(`${SESSION_FILE}.`) && /^\.\d+\.[0-9a-f]{8}\.tmp$/.test(name.slice(SESSION_FILE.length));
}

/** Files that Bulkhead keeps in the git directory shared by all worktrees of a clone. */
export function commonLayout(commonDir: string) {
  const root = join(commonDir, "bulkhead");
  return {
    root,
    /** What git runs: `core.hooksPath` points here. */
    hooks: join(root, "hooks"),
    /** Settings for the hooks, compiled by `init`. */
    guardConf: join(root, "guard.conf"),
    /** The sh guard that the hooks are made from. */
    guardTemplate: join(root, "guard.sh"),
    /** A stamp: what is newer in `hooks` was put there by somebody else. */
    armed: join(root, "armed"),
    /** A stamp: what would run without Bulkhead was last looked at then. */
    checked: join(root, "checked"),
    /** Hooks that other tools have put in our place and that had no free place of their own; run behind ours. */
    theirs: join(root, "theirs"),
    /** husky's own files, for worktrees that lack them. */
    husky: join(root, "husky"),
    /** The full guard, self-contained: it survives the removal of node_modules. */
    guardProgram: join(root, "guard.mjs"),
    /** Runs Bulkhead from wherever it is: what the alias `git bulkhead` starts. */
    launcher: join(root, "launch.sh"),
    /** Sets `core.hooksPath`; included from the clone's config. */
    gitConfig: join(root, "gitconfig"),
    /** Brings `git bulkhead`; included from the clone's config wherever the clone lies. */
    aliasConfig: join(root, "alias"),
    /** What `init` changed, so that `init --remove` takes back exactly that. */
    installRecord: join(root, "install.json"),
    /** One JSON line for each time the guard was told to look away. */
    bypassLog: join(root, "bypass.log"),
    /** The git fetch that runs now, and the branches that it brings: `<process id> <its start> <patterns>`. */
    fetching: join(root, "fetching"),
    /** Branch moves that the guard saw, one `<sha> <ref>` line each. */
    seenLog: join(root, "seen.log"),
    /** Events noted by hooks, which must not wait for the database; taken over by the next command. */
    eventSpool: join(root, "events.spool"),
    /** The embedded session store. */
    database: join(root, "bulkhead.db"),
    /** Journals of ships in progress, one directory per base branch. */
    ships: join(root, "ship"),
    /** Locks and journals of creations and removals of worktrees, one directory for each. */
    worktreeActs: join(root, "worktrees"),
    /** Removed worktrees, whole, until they are brought back or are too old. */
    trash: join(root, "trash"),
    /** One file for each port that a worktree has. */
    ports: join(root, "ports"),
    /** Digests of the repository's set-up commands that somebody has agreed to. */
    setupAgreed: join(root, "setup-agreed"),
    /** The keeper's lock, log and state. */
    keeper: join(root, "keeper"),
    /** Which sessions were last found at work on the same files. */
    overlaps: join(root, "overlaps.json"),
    /** The lock of bringing commits back, and what scheduled scans found. */
    recover: join(root, "recover"),
    /** Private caches that may be deleted at any time. */
    cache: join(root, "cache"),
  } as const;
}

/** Files that Bulkhead keeps in one worktree's own git directory. */
export function worktreeLayout(gitDir: string) {
  const root = join(gitDir, "bulkhead-worktree");
  return {
    root,
    /** Copy of `.session.json`, for when `git clean -fdx` or `stash -a` took the file. */
    sessionCopy: join(root, "session.json"),
    /** The ref that the worktree's session expects, alone on a line. */
    expectedRef: join(root, "expected"),
    /** The port that its programs listen on, alone on a line. */
    port: join(root, "port"),
    /** A file on its way into the worktree. */
    copying: join(root, "copying"),
    /** A session file that could not be read, as it was before `expect` wrote it anew. */
    brokenSession: join(root, "session.json.broken"),
    /** Where this worktree's own hooks stand, when its `config.worktree` names a hooks path of its own. */
    chainConf: join(root, "chain.conf"),
    /** What its last snapshot was taken of. */
    snapshot: join(root, "snapshot.json"),
    /** The start of names of copies of its index, one for each process that takes a snapshot. */
    privateIndex: join(root, "snapshot-index"),
    /** Its time is when the worktree's session last did something that reached no database. */
    activity: join(root, "activity"),
    /** Who owns the sessions at work here: for hooks and commands that ask no database. */
    workers: join(root, "workers.json"),
    /** Who last switched the worktree away from the branch that its session expects. */
    moved: join(root, "moved.json"),
    /** What the session has to be told at its next commit or command. */
    notice: join(root, "notice"),
    /** Up to when what others ask of the session has been handed on to it. */
    told: join(root, "told"),
  } as const;
}
