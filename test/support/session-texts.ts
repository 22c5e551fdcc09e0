import fc from "fast-check";
import { parseBranchName } from "../../src/domain/names.ts";
import { formatSessionFile } from "../../src/layout/session-file.ts";

const PLACEHOLDER = parseBranchName("the-expected-branch");

/** A session file's text as Bulkhead writes it, for a branch given as bytes. */
export function exactSessionText(branch: string, optional: object = {}): string {
  const content = {
    session: "s-1",
    expectedBranch: PLACEHOLDER,
    createdAt: "2026-03-01T10:00:00.000Z",
    hostname: "host",
    repoRoot: "/home/ada/repo with blanks",
    ...optional,
  };
  const escaped = branch.replace(/["\\]/g, "\\$&");
  return formatSessionFile(content).replace(PLACEHOLDER, () => escaped);
}

const OPTIONAL = {
  sdKey: fc.constantFrom("SD-1", "a\tb", 'q"q', ""),
  sessionId: fc.constantFrom("abc", "\x7f", "ü"),
  claimEpoch: fc.constantFrom(1, 12, 999_999_999_999_999, 9_007_199_254_740_991),
  claimLost: fc.constant({ by: "somebody", at: "2026-03-01T11:00:00Z" }),
  unknown: fc.constantFrom(1, "text", { a: [1] }),
  hostname: fc.constantFrom("h".repeat(70_000), "h".repeat(20_000), "back\\slash", "ho st"),
};

/** A session file's text that names the branch: as written by Bulkhead, or changed in one to three ways. */
export function sessionText(branch: string): fc.Arbitrary<string> {
  const plain = fc.constant(exactSessionText(branch));
  const keys = fc.subarray(Object.keys(OPTIONAL) as (keyof typeof OPTIONAL)[], { minLength: 1, maxLength: 2 });
  const optional = fc
    .tuple(keys, fc.record(OPTIONAL))
    .map(([chosen, all]) => exactSessionText(branch, Object.fromEntries(chosen.map((key) => [key, all[key]]))));
  const base = fc.oneof(plain, optional);
  const changes = fc.oneof(
    { weight: 5, arbitrary: fc.constant([]) },
    { weight: 6, arbitrary: fc.array(change(branch), { minLength: 1, maxLength: 3 }) },
  );
  return fc.tuple(base, changes).map(([text, steps]) => steps.reduce((changed, step) => step(changed), text));
}

type Change = (text: string) => string;

const insertAt = (text: string, at: number, what: string, drop = 0) => {
  const place = at % (text.length + 1);
  return text.slice(0, place) + what + text.slice(place + drop);
};

const editLines =
  (edit: (lines: string[]) => string[]): Change =>
  (text) =>
    edit(text.split("\n")).join("\n");

/** Lines that may be added to a file: some of them JSON, some of them not. */
const LINES = ['  "claimEpoch": 3,', '  "claimEpoch": 0,', '  "claimEpoch": 01,', '  "claimEpoch": -1,'].concat(
  ['  "claimEpoch": 1e400,', '  "claimEpoch": 12345678901234567890,', '  "claimEpoch": "3",', '  "claimEpoch": 2.5,'],
  ['  "claimEpoch": 3', '  "claimLost": true,', '  "claimLost": null,', '  "claimLost": {},', '  "claimLost": "x",'],
  ['  "session": 5,', '  "session": null,', '  "session": "again",', '  "sdKey": ["a"],', '  "hostname": "a\tb",'],
  ['  "expectedBranch": "other",', '  "expectedBranch": "",', '  "expectedBranch": null,', '  "unknown": "x",'],
  ['  "sdKey: ""x",', '  ""sdKey: "x",', '  "claimEpoch: "3,', '  "claimEpoch": 3 ,', '  "claimEpoch": 3x,'],
  ['  "": "x",', '  "ses"sion": "x",', '  "session": "x" ,', '\t"session": "x",', '  "session": "x",,', "", "}", "{"],
  ['  "session": "x", "expectedBranch": "other",', '  "session": "x\\u0041",', '  "session": "\xfc",', "  ,"],
);

const WHOLE = ["", "null", "5", "[]", "{}", "\n", "{\n}\n", '"text"', "[{}]", "{\n  {}\n}\n"];
const INSERTED = [...'\0\x01\t\r\n\x1b\x7f"\\,:{}[]/ ~\xfc\x85'].concat([
  '"',
  '",\n  "',
  "\\u0041",
  "\\n",
  "//",
  "\xef",
]);

function change(branch: string): fc.Arbitrary<Change> {
  const at = fc.nat(2000);
  return fc.oneof(
    fc.constantFrom<Change>(
      (text) => text.replaceAll("\n", "\r\n"),
      (text) => `\xef\xbb\xbf${text}`,
      (text) => text.replaceAll("  ", "\t"),
      (text) => text.replace(/\n$/, ""),
      (text) => `${text}\n`,
      (text) => `${text}garbage`,
      (text) => text.replace(",\n", "\n"),
      (text) => text.replace(/"\n}/, '",\n}'),
      (text) => text.replace(/\s+/g, " "),
      (text) => text.replace(branch, `${branch}\\u002fx`),
      (text) =>
        text.replace(
          branch,
          branch.replace(/[a-z]/, (c) => `\\u00${c.charCodeAt(0).toString(16)}`),
        ),
      (text) => text.replace('"hostname": "host"', '"hostname": "h\xf6st"'),
      (text) => text.replace("expectedBranch", "branch"),
      (text) => text.replaceAll('": "', ': ""'),
      (text) => text.replace('  "session": "', '  ""session: "'),
      (text) => text.replace('expectedBranch": "', 'expectedBranch: ""'),
      (text) => text.replace("expectedBranch", "expectedbranch"),
    ),
    fc.tuple(at, fc.constantFrom(...INSERTED)).map(
      ([place, what]): Change =>
        (text) =>
          insertAt(text, place, what),
    ),
    fc.tuple(at, fc.constantFrom(...INSERTED)).map(
      ([place, what]): Change =>
        (text) =>
          insertAt(text, place, what, 1),
    ),
    at.map(
      (place): Change =>
        (text) =>
          insertAt(text, place, "", 1),
    ),
    at.map(
      (place): Change =>
        (text) =>
          text.slice(0, place % (text.length + 1)),
    ),
    // After the keys that always stand there, where lines of other keys may follow, more often than elsewhere.
    fc.constantFrom(...LINES).map(
      (line): Change =>
        (text) =>
          text.replace(/"\n}/, () => `",\n${line.replace(/,$/, "")}\n}`),
    ),
    fc
      .tuple(fc.nat(9), fc.constantFrom(...LINES))
      .map(([place, line]) => editLines((lines) => lines.toSpliced(place, 0, line))),
    fc
      .tuple(fc.nat(9), fc.nat(9))
      .map(([from, to]) => editLines((lines) => lines.toSpliced(to, 0, ...lines.slice(from, from + 1)))),
    fc.nat(9).map((place) => editLines((lines) => lines.toSpliced(place, 1))),
    fc.constantFrom(...WHOLE).map(
      (whole): Change =>
        () =>
          whole,
    ),
  );
}
