/** What a worktree of the guard's table has to work with. Branch names without `refs/heads/`. */
export interface OperationNames {
  /** The branch that HEAD is on. */
  readonly here: string;
  /** Grown apart from `here`, without conflict. */
  readonly side: string;
  /** One commit ahead of `here`. */
  readonly ahead: string;
  /** Two commits ahead of `here`, in files of their own. */
  readonly two: string;
  /** A file for `git am`. */
  readonly patch: string;
  /** A branch of the origin that another worktree's session expects. */
  readonly elsewhere: string;
}

/** One way in which a branch can come to move. */
export interface GuardedOperation {
  readonly name: string;
  readonly args: (names: OperationNames) => readonly string[];
  /** The hook that refuses it, on every supported git. */
  readonly hook: string;
  /** How the refusal says that everything is put back; null: git has changed nothing by then. */
  readonly putBack: string | null;
  /** Leaves another file edited meanwhile, which must still be so afterwards; some operations want a clean tree. */
  readonly dirty?: boolean;
  /** Stages a change first. */
  readonly staged?: boolean;
  /** The way back is also what brings HEAD back to its branch. */
  readonly detaches?: boolean;
}

const TRANSACTION = "reference-transaction";
const READ_TREE = "git read-tree -m -u <sha> HEAD";

/** Every way in, with the hook that stands there and the way back. */
export const GUARDED_OPERATIONS: readonly GuardedOperation[] = [
  {
    name: "commit",
    args: () => ["commit", "-q", "-m", "trial"],
    hook: "pre-commit",
    putBack: null,
    dirty: true,
    staged: true,
  },
  {
    name: "commit --no-verify",
    args: () => ["commit", "-q", "--no-verify", "-m", "trial"],
    hook: TRANSACTION,
    putBack: null,
    dirty: true,
    staged: true,
  },
  {
    name: "commit --amend",
    args: () => ["commit", "-q", "--amend", "-m", "amended"],
    hook: "pre-commit",
    putBack: null,
    dirty: true,
  },
  {
    name: "merge",
    args: ({ side }) => ["merge", "-q", "--no-edit", side],
    hook: TRANSACTION,
    putBack: null,
    dirty: true,
  },
  {
    name: "merge --no-verify",
    args: ({ side }) => ["merge", "-q", "--no-edit", "--no-verify", side],
    hook: TRANSACTION,
    putBack: null,
    dirty: true,
  },
  {
    name: "merge (fast-forward)",
    args: ({ ahead }) => ["merge", "-q", "--ff-only", ahead],
    hook: TRANSACTION,
    putBack: null,
    dirty: true,
  },
  {
    name: "cherry-pick",
    args: ({ side }) => ["cherry-pick", side],
    hook: TRANSACTION,
    putBack: "git cherry-pick --abort",
    dirty: true,
  },
  {
    name: "cherry-pick (range)",
    args: ({ two, here }) => ["cherry-pick", `${here}..${two}`],
    hook: TRANSACTION,
    putBack: "git cherry-pick --abort",
    dirty: true,
  },
  {
    name: "revert",
    args: () => ["revert", "--no-edit", "HEAD"],
    hook: TRANSACTION,
    putBack: "git reset --merge",
    dirty: true,
  },
  { name: "rebase", args: ({ side }) => ["rebase", "-q", side], hook: "pre-rebase", putBack: null },
  {
    name: "rebase --no-verify",
    args: ({ side }) => ["rebase", "-q", "--no-verify", side],
    hook: TRANSACTION,
    putBack: "git rebase --abort",
    detaches: true,
  },
  {
    // Nothing is picked, so only the last step moves something.
    name: "rebase --no-verify (fast-forward)",
    args: ({ ahead }) => ["rebase", "-q", "--no-verify", ahead],
    hook: TRANSACTION,
    putBack: "git rebase --abort",
    detaches: true,
  },
  {
    name: "am",
    args: ({ patch }) => ["am", "-q", patch],
    hook: "applypatch-msg",
    putBack: "git am --abort",
    dirty: true,
  },
  { name: "reset --hard", args: () => ["reset", "-q", "--hard", "HEAD~1"], hook: TRANSACTION, putBack: READ_TREE },
  {
    name: "reset --mixed",
    args: () => ["reset", "-q", "--mixed", "HEAD~1"],
    hook: TRANSACTION,
    putBack: "git reset",
    dirty: true,
  },
  { name: "reset --soft", args: () => ["reset", "-q", "--soft", "HEAD~1"], hook: TRANSACTION, putBack: null },
  {
    name: "reset --keep",
    args: () => ["reset", "-q", "--keep", "HEAD~1"],
    hook: TRANSACTION,
    putBack: READ_TREE,
    dirty: true,
  },
  { name: "branch -f", args: ({ side }) => ["branch", "-f", side, "HEAD"], hook: TRANSACTION, putBack: null },
  { name: "branch -D", args: ({ side }) => ["branch", "-q", "-D", side], hook: TRANSACTION, putBack: null },
  {
    name: "update-ref of HEAD",
    args: ({ ahead }) => ["update-ref", "HEAD", `refs/heads/${ahead}`],
    hook: TRANSACTION,
    putBack: null,
  },
  {
    name: "update-ref of a branch",
    args: ({ side }) => ["update-ref", `refs/heads/${side}`, "HEAD"],
    hook: TRANSACTION,
    putBack: null,
  },
  {
    name: "pull (fast-forward)",
    args: ({ ahead }) => ["pull", "-q", "--ff-only", "origin", `refs/heads/${ahead}`],
    hook: TRANSACTION,
    putBack: null,
    dirty: true,
  },
  {
    name: "pull (merge)",
    args: ({ side }) => ["pull", "-q", "--no-rebase", "--no-edit", "origin", `refs/heads/${side}`],
    hook: TRANSACTION,
    putBack: null,
    dirty: true,
  },
  {
    name: "pull --rebase",
    args: ({ side }) => ["pull", "-q", "--rebase", "origin", `refs/heads/${side}`],
    hook: "pre-rebase",
    putBack: null,
  },
];

const CORE = ["commit", "commit --no-verify", "merge (fast-forward)", "cherry-pick", "am", "reset --hard"];

/** One operation for each way in which a hook is reached, for tables with more dimensions. */
export const CORE_OPERATIONS = GUARDED_OPERATIONS.filter(({ name }) => CORE.includes(name));
