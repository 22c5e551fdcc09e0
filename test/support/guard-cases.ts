import fc from "fast-check";
import { anyName, type Binary, isValid, validName } from "./branch-names.ts";
import { exactSessionText, sessionText } from "./session-texts.ts";

/** Values that refs of a generated repository hold or are moved to: `first` is the parent of `second`. */
export interface Values {
  readonly first: string;
  readonly second: string;
}

/** Another worktree's expectation: written by Bulkhead, written by hand, or changed by hand afterwards. */
export interface OtherWorktree {
  readonly branch: Binary;
  readonly trace: "same" | "none" | "stale";
  /** What holds the expectation; a copy alone is what `git clean -fdx` leaves. */
  readonly file?: "session" | "link" | "dangling link" | "worktree.json" | "linked worktree.json" | "copy alone";
}

/** Everything that one call of a hook depends on. */
export interface GuardCase {
  readonly kind: "main" | "linked" | "linked without gitdir";
  readonly session: Binary | null;
  readonly sessionIs: "file" | "link" | "dangling link" | "directory";
  readonly worktreeJson: Binary | null;
  /** Content of the `HEAD` file, or the path that it links to, as git made it long ago. */
  readonly head: Binary | { readonly link: Binary } | null;
  readonly rebaseMerge: Binary | null;
  readonly rebaseApply: Binary | null;
  readonly bisectStart: Binary | null;
  readonly branches: readonly Binary[];
  /** Bulkhead's note of what this worktree's session expects, with or without the session file's time. */
  readonly note: "none" | "vouching" | "stale";
  readonly others: readonly OtherWorktree[];
  /** The main checkout's session, for a linked worktree. */
  readonly mainSession: OtherWorktree | null;
  readonly protect: readonly string[];
  readonly requireSession: boolean;
  readonly hook: "pre-commit" | "pre-merge-commit" | "applypatch-msg" | "pre-rebase" | "reference-transaction";
  readonly hookArguments: readonly string[];
  readonly input: Binary;
  readonly env: Readonly<Record<string, string>>;
}

/** Mostly one value, sometimes another: so that cases lie close to the border, on both sides. */
function mostly<T>(usual: T, others: fc.Arbitrary<T>, weight = 6): fc.Arbitrary<T> {
  return fc.oneof({ weight, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: others });
}

const KINDS = ["main", "linked", "linked without gitdir"] as const;
const SESSION_KINDS = ["file", "link", "dangling link", "directory"] as const;
const OTHER_FILES = ["link", "dangling link", "worktree.json", "linked worktree.json", "copy alone"] as const;
const TRANSACTION = fc.constant("reference-transaction" as const);
const HOOKS = ["pre-commit", "pre-merge-commit", "applypatch-msg", "pre-rebase"].concat(
  Array.from({ length: 6 }, () => "reference-transaction"),
) as GuardCase["hook"][];

/** The case in which nothing is odd: the file as Bulkhead writes it, HEAD on its branch, and a commit there. */
export function plainCase(branch: Binary, kind: GuardCase["kind"], { first, second }: Values): GuardCase {
  return {
    kind,
    session: exactSessionText(branch, { sdKey: "SD-1", sessionId: "abc", claimEpoch: 7 }),
    sessionIs: "file",
    worktreeJson: null,
    head: `ref: refs/heads/${branch}\n`,
    rebaseMerge: null,
    rebaseApply: null,
    bisectStart: null,
    branches: isValid(branch) ? [branch] : [],
    note: "none",
    others: [{ branch: "elsewhere", trace: "same" }],
    mainSession: null,
    protect: ["protected/*"],
    requireSession: false,
    hook: "pre-commit",
    hookArguments: ["main"],
    input: `${first} ${second} HEAD\n${first} ${second} refs/heads/${branch}\n`,
    env: {},
  };
}

/**
 * Cases around one branch that is expected, or should be. Most are the plain case with one or two sides of it
 * changed, because what is wrong in several ways is refused for the first of them; some are odd all over.
 */
export function guardCase(values: Values): fc.Arbitrary<GuardCase> {
  const name = fc.oneof({ weight: 6, arbitrary: validName }, { weight: 1, arbitrary: anyName });
  const kinds = fc.constantFrom(...KINDS.slice(0, 2), ...KINDS);
  return fc
    .tuple(name, validName, anyName, kinds, fc.constantFrom(...HOOKS))
    .chain(([branch, other, odd, kind, hook]) => {
      const sides = sidesOf(branch, other, odd, kind, values);
      const changed = fc.oneof(
        { weight: 4, arbitrary: fc.subarray(sides, { minLength: 1, maxLength: 2 }) },
        { weight: 1, arbitrary: fc.constant(sides) },
      );
      return changed
        .chain((chosen) => fc.tuple(...chosen))
        .map((parts) => Object.assign({ ...plainCase(branch, kind, values), hook }, ...parts));
    });
}

/** What a case can differ in, side by side. */
function sidesOf(branch: Binary, other: Binary, odd: Binary, kind: GuardCase["kind"], values: Values) {
  const named = mostly<Binary>(branch, fc.constantFrom(other, odd), 5);
  const trace = fc.constantFrom<OtherWorktree["trace"]>("same", "none", "stale");
  const file = mostly<NonNullable<OtherWorktree["file"]>>("session", fc.constantFrom(...OTHER_FILES), 2);
  const elsewhere = fc.record({ branch: fc.constantFrom(branch, other, "main", "elsewhere"), trace, file });
  const others = fc.array(elsewhere, { maxLength: 2 });
  const patterns = fc.subarray(["main", "*", "rel/*", "a*", "*b", "x|y", "a(b", "~a", "$HOME", "!a", "*]"]);
  const noFile = fc.constant({ session: null });
  const sides: fc.Arbitrary<Partial<GuardCase>>[] = [
    fc.record({ session: named.chain(sessionText) }),
    fc.record({ sessionIs: fc.constantFrom(...SESSION_KINDS) }),
    kind === "main" ? noFile : fc.oneof(noFile, fc.record({ session: named.chain(sessionText) })),
    fc.record({ worktreeJson: named.map((text) => `{"branch": "${text}"}\n`) }),
    fc.record(operation(named, values)),
    fc.record({ branches: fc.subarray([branch, other, "main", "fetched"].filter(isValid)) }),
    // Only where there is no file of its own do other worktrees' matter to the main checkout.
    kind === "main" ? fc.record({ others, session: fc.constant(null) }) : fc.record({ others, mainSession: elsewhere }),
    fc.record({ others, mainSession: elsewhere, ...hookCall(branch, other, values), hook: TRANSACTION }),
    fc.record({ note: fc.constantFrom("vouching" as const, "stale" as const) }),
    fc.record({ protect: patterns }),
    fc.record({ requireSession: fc.boolean() }),
    fc.record(hookCall(branch, other, values)),
    fc.record({ env: environment(branch) }),
  ];
  return sides;
}

/** `HEAD` and the marks of an operation in progress. */
function operation(named: fc.Arbitrary<Binary>, values: Values) {
  const ref = named.map((name) => `refs/heads/${name}`);
  const odd = fc.constantFrom<GuardCase["head"]>(
    { link: "refs/heads/loose" },
    `${values.second}\r\n`,
    "ref: refs/heads/.invalid\n",
    "ref: refs/tags/t\n",
    "ref: refs/remotes/origin/main\n",
    "garbage\n",
    "",
    "\n",
    null,
  );
  const changed = fc.tuple(ref, fc.constantFrom("", " \n", "\t\n", "\r\n", "\n\xfc\n", "\0\n", "\nsecond line\n"));
  const head: fc.Arbitrary<GuardCase["head"]> = fc.oneof(
    { weight: 12, arbitrary: ref.map((name) => `ref: ${name}\n`) },
    { weight: 9, arbitrary: fc.constantFrom(`${values.first}\n`, values.second) },
    { weight: 2, arbitrary: changed.map(([name, end]) => `ref: ${name}${end}`) },
    { weight: 1, arbitrary: ref.map((name) => ` ref: ${name}\n`) },
    { weight: 1, arbitrary: ref.map((name) => `ref:${name}\n`) },
    { weight: 1, arbitrary: odd },
  );
  const mark = fc.oneof(
    { weight: 8, arbitrary: ref.map((name): Binary | null => `${name}\n`) },
    { weight: 1, arbitrary: fc.constantFrom<Binary | null>("detached HEAD\n", "", "\n", " refs/heads/x \n") },
  );
  const rare = fc.oneof({ weight: 1, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: mark });
  return {
    head,
    rebaseMerge: rare,
    rebaseApply: rare,
    bisectStart: mostly<Binary | null>(
      null,
      named.map((name) => `${name}\n`),
    ),
  };
}

function hookCall(branch: Binary, other: Binary, { first, second }: Values) {
  const zeros = "0".repeat(40);
  // Objects that do not exist are left out: git finds that before it runs the hook.
  const value = fc.constantFrom(first, second, second, zeros, `ref:refs/heads/${branch}`);
  const ref = fc.oneof(
    { weight: 5, arbitrary: fc.constant(`refs/heads/${branch}`) },
    { weight: 4, arbitrary: fc.constantFrom("HEAD", "ORIG_HEAD") },
    { weight: 3, arbitrary: fc.constantFrom(`refs/heads/${other}`, "refs/heads/main", "refs/heads/fresh") },
    { weight: 2, arbitrary: fc.constantFrom("refs/tags/t", "refs/remotes/origin/main", "refs/stash", "REBASE_HEAD") },
  );
  const line = fc.tuple(fc.constantFrom(first, zeros), value, ref).map((words) => `${words.join(" ")}\n`);
  const commit = `${first} ${second} HEAD\n${first} ${second} refs/heads/${branch}\n`;
  return {
    // Of pre-rebase; a reference-transaction is always "prepared" here, the only state that can be refused.
    hookArguments: fc.constantFrom<readonly string[]>(["main"], ["main", ""], ["main", "fresh"]),
    input: fc.oneof(
      fc.constant(commit),
      fc.array(line, { minLength: 1, maxLength: 4 }).map((lines) => lines.join("")),
    ),
  };
}

function environment(branch: Binary): fc.Arbitrary<Record<string, string>> {
  const nothing: Record<string, string> = {};
  const set = (name: string, ...texts: string[]) => fc.constantFrom(...texts.map((text) => ({ [name]: text })));
  return fc
    .tuple(
      fc.constantFrom({ LC_ALL: "C" }, { LC_ALL: "C.UTF-8" }),
      mostly(nothing, set("GIT_REFLOG_ACTION", "merge x", "pull", "rebase"), 1),
      mostly(nothing, set("BRANCH_GUARD_ALLOW_UNKNOWN", "1", "0", ""), 12),
      mostly(nothing, set("SKIP_BRANCH_GUARD", "1", "0"), 20),
      // Values of the environment that the guard uses as names of its own.
      mostly(nothing, fc.constant({ expected: branch, branch: `refs/heads/${branch}`, IFS: "/", allowed: "1" }), 6),
    )
    .map((parts) => Object.assign({}, ...parts));
}
