import fc from "fast-check";
import { sessionText } from "./session-texts.ts";

/** Texts of generated files are "binary": one character for each byte, so that any bytes can be said. */
export type Binary = string;

/** Values that refs of a generated repository hold or are moved to: `first` is the parent of `second`. */
export interface Values {
  readonly first: string;
  readonly second: string;
}

/** Another worktree's expectation: written by Bulkhead, written by hand, or changed by hand afterwards. */
export interface OtherWorktree {
  readonly branch: Binary;
  readonly trace: "same" | "none" | "stale";
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
  readonly others: readonly OtherWorktree[];
  readonly protect: readonly string[];
  readonly requireSession: boolean;
  readonly hook: "pre-commit" | "pre-merge-commit" | "applypatch-msg" | "pre-rebase" | "reference-transaction";
  readonly hookArguments: readonly string[];
  readonly input: Binary;
  readonly env: Readonly<Record<string, string>>;
}

export function toBinary(text: string): Binary {
  return Buffer.from(text, "utf8").toString("latin1");
}

/** What git lets stand in a branch name: ASCII marks, UTF-8 of two to four bytes, and bytes that are no UTF-8. */
const PARTS = [..."abzAZ09-_'\"$`;&|%#!{}<>,=+()@]/"].concat(
  ["ü", "é", "日", "あ", "本", "😀", "Ł", ".x", "a.b", "x@", "lock"].map(toBinary),
  ["\xfc", "\xe9\xe3", "\x81\x82", "\x88", "\xff"],
);
const ODD_PARTS = [" ", "~", "^", ":", "?", "*", "[", "\\", "..", ".", "@{", "//", ".lock", "\x7f", "\x01", "\t"];

/** A name that git allows. Bytes that are no UTF-8 only where asked for: not every file system takes them. */
export const validName: fc.Arbitrary<Binary> = fc
  .array(fc.constantFrom(...PARTS), { minLength: 1, maxLength: 8 })
  .map((parts) => parts.join(""))
  .filter(isValid);

const anyName: fc.Arbitrary<Binary> = fc.oneof(
  { weight: 6, arbitrary: validName },
  {
    weight: 2,
    arbitrary: fc.array(fc.constantFrom(...PARTS, ...ODD_PARTS), { maxLength: 5 }).map((parts) => parts.join("")),
  },
  { weight: 1, arbitrary: fc.constantFrom("HEAD", "@", "-x", ".x", "x/", "/x", "x.lock", "a.lock/b", "a/.b", "") },
);

/** As `git check-ref-format --branch` says, over bytes. */
export function isValid(name: Binary): boolean {
  if (name === "" || name === "HEAD" || name === "@" || name.startsWith("-")) return false;
  if (/[\0-\x20~^:?*[\\\x7f]|\.\.|@\{|\/\/|^\/|\/$|\.$/.test(name)) return false;
  return name.split("/").every((part) => !part.startsWith(".") && !part.endsWith(".lock"));
}

/** Mostly one value, sometimes another: so that cases lie close to the border, on both sides. */
function mostly<T>(usual: T, others: fc.Arbitrary<T>, weight = 6): fc.Arbitrary<T> {
  return fc.oneof({ weight, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: others });
}

const KINDS = ["main", "linked", "linked without gitdir"] as const;
const SESSION_KINDS = ["file", "link", "dangling link", "directory"] as const;
const HOOKS = ["pre-commit", "pre-merge-commit", "applypatch-msg", "pre-rebase", "reference-transaction"] as const;

/** Cases around one branch that is expected, or should be. */
export function guardCase(values: Values): fc.Arbitrary<GuardCase> {
  return fc
    .tuple(validName, validName, anyName, fc.constantFrom(...KINDS.slice(0, 2), ...KINDS))
    .chain(([branch, other, odd, kind]) => {
      const named = mostly<Binary>(branch, fc.constantFrom(other, odd), 5);
      const hasFile = fc.integer({ min: 0, max: 9 }).map((n) => (kind === "main" ? n < 5 : n < 9));
      return fc.record<GuardCase>({
        kind: fc.constant(kind),
        session: hasFile.chain((has) => (has ? named.chain(sessionText) : fc.constant(null))),
        sessionIs: mostly("file", fc.constantFrom(...SESSION_KINDS), 20),
        worktreeJson: mostly<Binary | null>(
          null,
          named.map((name) => `{"branch": "${name}"}\n`),
          9,
        ),
        ...operation(named, values),
        branches: fc.subarray([branch, other, "main", "fetched"].filter(isValid)),
        others: fc.array(
          fc.record({
            branch: fc.constantFrom(branch, other, "elsewhere"),
            trace: fc.constantFrom("same" as const, "none" as const, "stale" as const),
          }),
          { maxLength: 2 },
        ),
        protect: mostly<readonly string[]>(
          [],
          fc.subarray(["main", "*", "rel/*", "a*", "*b", "x|y", "a(b", "~a", "$HOME", "!a", "*]"]),
          4,
        ),
        requireSession: mostly(false, fc.constant(true), 9),
        ...hookCall(branch, other, values),
        env: environment(branch),
      });
    });
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
    { weight: 3, arbitrary: fc.constantFrom(`${values.first}\n`, values.second) },
    { weight: 2, arbitrary: changed.map(([name, end]) => `ref: ${name}${end}`) },
    { weight: 1, arbitrary: ref.map((name) => ` ref: ${name}\n`) },
    { weight: 1, arbitrary: ref.map((name) => `ref:${name}\n`) },
    { weight: 1, arbitrary: odd },
  );
  const mark = fc.oneof(
    { weight: 8, arbitrary: ref.map((name): Binary | null => `${name}\n`) },
    { weight: 1, arbitrary: fc.constantFrom<Binary | null>("detached HEAD\n", "", "\n", " refs/heads/x \n") },
  );
  const rare = fc.oneof({ weight: 2, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: mark });
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
    hook: fc.constantFrom(...HOOKS, "reference-transaction" as const, "reference-transaction" as const),
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
