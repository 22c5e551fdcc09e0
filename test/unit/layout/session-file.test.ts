import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseBranchName } from "../../../src/domain/names.ts";
import { decodeLines, decodeText, encodeText, settleText } from "../../../src/files/text-encoding.ts";
import { formatSessionFile, parseExpectation, readExpectation } from "../../../src/layout/session-file.ts";
import { ADVERSARIAL_BRANCHES, TestRepository } from "../../support/repository.ts";
import { scratchDirectory } from "../../support/scratch.ts";

const bytes = (text: string) => Buffer.from(text, "utf8");
const parse = (fields: object) => parseExpectation(bytes(JSON.stringify(fields)), ".session.json");
const branchOf = (found: ReturnType<typeof parse>) => (found.kind === "present" ? found.content.expectedBranch : found);
const faultOf = (found: ReturnType<typeof parse>) => (found.kind === "invalid" ? found.fault : found);

const written = {
  session: "s",
  expectedBranch: parseBranchName("feat/x"),
  createdAt: "2026-03-01T10:00:00.000Z",
  hostname: "host",
  repoRoot: "/home/ada/repo",
};

test.each(ADVERSARIAL_BRANCHES)("what is written for %s is read back", (name) => {
  const content = {
    ...written,
    expectedBranch: parseBranchName(name),
    sdKey: "SD-1",
    claimEpoch: 3,
    other: { k: [1] },
  };
  expect(parseExpectation(bytes(formatSessionFile(content)), ".session.json")).toEqual({
    kind: "present",
    file: ".session.json",
    content,
  });
});

test("the layout is the one that the sh guard reads, one key a line", () => {
  expect(formatSessionFile({ ...written, sdKey: "SD-1", claimEpoch: 3 })).toBe(
    [
      "{",
      '  "session": "s",',
      '  "expectedBranch": "feat/x",',
      '  "createdAt": "2026-03-01T10:00:00.000Z",',
      '  "hostname": "host",',
      '  "repoRoot": "/home/ada/repo",',
      '  "sdKey": "SD-1",',
      '  "claimEpoch": 3',
      "}",
      "",
    ].join("\n"),
  );
});

test("only the branch is needed", () => {
  expect(parse({ expectedBranch: "feat/x" })).toMatchObject({
    kind: "present",
    content: { session: "", hostname: "" },
  });
});

test("empty values of optional keys count as absent", () => {
  const found = parse({ expectedBranch: "feat/x", sdKey: null, claimLost: null });
  expect(found.kind === "present" && Object.keys(found.content)).not.toContain("sdKey");
  expect(found.kind === "present" && Object.keys(found.content)).not.toContain("claimLost");
});

test("unknown keys are kept", () => {
  expect(parse({ expectedBranch: "feat/x", a: 1, b: { c: [2] } })).toMatchObject({
    content: { other: { a: 1, b: { c: [2] } } },
  });
});

test.each([
  ["null", "does not hold a JSON object"],
  ["[]", "does not hold a JSON object"],
  ['"feat/x"', "does not hold a JSON object"],
  ["", "is empty"],
  ["{", "is not valid JSON"],
  ["{}}", "is not valid JSON"],
  ['{"expectedBranch": "feat/x",}', "is not valid JSON"],
  ["{}", "names no expectedBranch"],
  ['{"expectedBranch": null}', "names no expectedBranch"],
  ['{"branch": "feat/x"}', "names no expectedBranch"],
])("%s is at fault: it %s", (text, fault) => {
  expect(faultOf(parseExpectation(bytes(text), ".session.json"))).toBe(fault);
});

test.each([7, true, [], {}, ["feat/x"]])("a branch of another type than text is a fault: %j", (expectedBranch) => {
  expect(faultOf(parse({ expectedBranch }))).toBe("has an expectedBranch that is not a text");
});

test.each(
  ["", "HEAD", "@", "-x", "a..b", "a b", "a~b", "a^b", "a:b", "a?b", "a*b", "a[b", "a\\b", "a//b", "/a"].concat([
    "a/",
    "a.",
    ".a",
    "a/.b",
    "a.lock",
    "a.lock/b",
    "a@{b",
    "a\u007fb",
    "a\nb",
  ]),
)("%j is no branch name", (expectedBranch) => {
  expect(faultOf(parse({ expectedBranch }))).toContain("not a valid branch name");
});

test.each(["session", "createdAt", "hostname", "repoRoot", "sdKey", "sessionId"])("%s has to be a text", (key) => {
  for (const value of [1, true, [], {}]) {
    expect(faultOf(parse({ expectedBranch: "feat/x", [key]: value }))).toBe(`has a ${key} that is not a text`);
  }
});

test.each([1.5, "3", true, {}, Number.MAX_SAFE_INTEGER + 1])("a claim epoch of %j is a fault", (claimEpoch) => {
  expect(faultOf(parse({ expectedBranch: "feat/x", claimEpoch }))).toBe("has a claimEpoch that is not a number");
});

test.each([
  [
    { by: "Grace", at: "now", reason: "stale" },
    { by: "Grace", at: "now", reason: "stale" },
  ],
  [true, { by: "another session", at: "" }],
  [false, undefined],
])("claimLost %j is read as %j", (claimLost, expected) => {
  const found = parse({ expectedBranch: "feat/x", claimLost });
  expect(found.kind === "present" && found.content.claimLost).toEqual(expected);
});

test.each([1, "yes", [], {}, { by: "Grace" }, { by: 1, at: 2 }])(
  "a claimLost of %j is not read as 'not lost'",
  (claimLost) => {
    expect(faultOf(parse({ expectedBranch: "feat/x", claimLost }))).toBe("has a claimLost that is not {by, at}");
  },
);

test("of a key that stands twice the last one counts, as in every JSON reader", () => {
  const text = '{"expectedBranch": "first", "expectedBranch": "last"}';
  expect(branchOf(parseExpectation(bytes(text), ".session.json"))).toBe("last");
});

describe("the bytes of a file", () => {
  const file = (name: Buffer, host = "host") =>
    Buffer.concat([
      bytes('{"expectedBranch": "'),
      name,
      bytes('", "hostname": "'),
      Buffer.from(host, "latin1"),
      bytes('"}'),
    ]);
  const read = (content: Buffer) => branchOf(parseExpectation(content, ".session.json"));

  test("may begin with a byte order mark", () => {
    expect(read(Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), file(bytes("feat/ü"))]))).toBe("feat/ü");
  });

  test("need not be UTF-8: the name keeps its bytes", () => {
    const name = Buffer.from("feat/\xfc", "latin1");
    const found = read(file(name));
    expect(typeof found === "string" && encodeText(found)).toEqual(name);
  });

  test("of another value that is no UTF-8 do not change the name", () => {
    expect(read(file(bytes("feat/ü"), "h\xf6st"))).toBe("feat/ü");
  });
});

test(".session.json comes before .worktree.json, also when it is broken", () => {
  const place = new TestRepository(scratchDirectory(), {});
  expect(readExpectation(place.path)).toEqual({ kind: "missing" });
  place.write(".worktree.json", '{"branch": "older"}');
  expect(branchOf(readExpectation(place.path))).toBe("older");
  place.write(".session.json", '{"expectedBranch": "newer"}');
  expect(branchOf(readExpectation(place.path))).toBe("newer");
  place.write(".session.json", "");
  expect(readExpectation(place.path)).toMatchObject({ kind: "invalid", file: ".session.json" });
});

test("a file is read up to 64 KiB, and not above", () => {
  const place = new TestRepository(scratchDirectory(), {});
  const start = '{"expectedBranch": "feat/x"}';
  place.write(".session.json", start.padEnd(65_536));
  expect(readExpectation(place.path).kind).toBe("present");
  place.write(".session.json", start.padEnd(65_537));
  expect(readExpectation(place.path)).toMatchObject({ fault: "is 65537 bytes long, more than any session file" });
});

describe("texts keep their bytes", () => {
  const anyBytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array).filter((byte) => byte !== 0));
  // A byte order mark at the beginning is dropped, as editors add it unseen.
  const unmarked = anyBytes.filter((array) => !(array[0] === 0xef && array[1] === 0xbb && array[2] === 0xbf));

  test("there and back", () => {
    fc.assert(
      fc.property(unmarked, (array) => {
        expect(encodeText(decodeText(array))).toEqual(Buffer.from(array));
      }),
    );
  });

  test("two texts are equal only where their bytes are", () => {
    fc.assert(
      fc.property(unmarked, unmarked, (a, b) => {
        expect(decodeText(a) === decodeText(b)).toBe(Buffer.compare(a, b) === 0);
      }),
    );
  });

  test("a part of a broken text, settled, equals the part decoded alone", () => {
    fc.assert(
      fc.property(unmarked, (part) => {
        const whole = Buffer.concat([Buffer.from('"\xff"', "latin1"), part]);
        expect(settleText(decodeText(whole).slice(3))).toBe(decodeText(part));
      }),
    );
  });

  test("one odd line leaves the others as they are", () => {
    expect(decodeLines(Buffer.from("caf\xc3\xa9\n\xfc\nlast", "latin1"))).toEqual(["café", "\udcfc", "last"]);
  });
});
