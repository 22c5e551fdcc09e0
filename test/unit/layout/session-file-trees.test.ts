/** Which file of a worktree holds its expectation, tree by tree in memory. */
import { vol } from "memfs";
import { beforeEach, expect, test, vi } from "vitest";
import { readExpectation, readSessionCopy } from "../../../src/layout/session-file.ts";

vi.mock("node:fs", async () => (await import("memfs")).fs);

beforeEach(() => vol.reset());

const X = '{"session":"s","expectedBranch":"feat/x"}';
const present = (branch: string) => ({ kind: "present", content: { expectedBranch: branch } });
const invalid = (file: string, fault: RegExp) => ({ kind: "invalid", file, fault: expect.stringMatching(fault) });

test.each<[string, Record<string, string | null>, unknown]>([
  ["none", { "/w/other": "" }, { kind: "missing" }],
  ["the session file", { "/w/.session.json": X }, present("feat/x")],
  [
    "both: the session file counts",
    { "/w/.session.json": X, "/w/.worktree.json": '{"branch":"old"}' },
    present("feat/x"),
  ],
  ["the older file alone, in its own words", { "/w/.worktree.json": '{"branch":"old","session":"s"}' }, present("old")],
  ["the older file in the newer words", { "/w/.worktree.json": X }, present("feat/x")],
  [
    "newer words only in the older place",
    { "/w/.session.json": '{"branch":"x"}' },
    invalid(".session.json", /names no expectedBranch/),
  ],
  [
    "a broken one hides the older",
    { "/w/.session.json": "{", "/w/.worktree.json": X },
    invalid(".session.json", /not valid JSON/),
  ],
  ["an empty one", { "/w/.session.json": "" }, invalid(".session.json", /is empty/)],
  ["a directory", { "/w/.session.json": null }, invalid(".session.json", /is a directory/)],
  ["a list", { "/w/.session.json": "[]" }, invalid(".session.json", /does not hold a JSON object/)],
  ["a byte order mark", { "/w/.session.json": `\ufeff${X}` }, present("feat/x")],
  ["a branch that is a number", { "/w/.session.json": '{"expectedBranch":1}' }, invalid(".session.json", /not a text/)],
  [
    "a name that git refuses",
    { "/w/.session.json": '{"expectedBranch":"a..b"}' },
    invalid(".session.json", /not a valid branch/),
  ],
  [
    "more than any session file holds",
    { "/w/.session.json": " ".repeat(70_000) },
    invalid(".session.json", /more than any/),
  ],
])("%s", (_, files, expectation) => {
  vol.fromJSON(files);
  expect(readExpectation("/w")).toMatchObject(expectation as object);
});

test("a link that leads nowhere or to itself is a broken file, not a missing one", () => {
  vol.fromJSON({ "/w/.worktree.json": X, "/v/x": "" });
  vol.symlinkSync("/gone", "/w/.session.json");
  vol.symlinkSync("/v/.session.json", "/v/.session.json");
  expect(readExpectation("/w")).toMatchObject(invalid(".session.json", /link to a file that does not exist/));
  expect(readExpectation("/v")).toMatchObject(invalid(".session.json", /link that leads to itself/));
});

test("the copy in the git directory is read by the same rules", () => {
  vol.fromJSON({ "/git/bulkhead-worktree/session.json": X });
  expect([readSessionCopy("/git"), readSessionCopy("/nowhere")]).toMatchObject([
    present("feat/x"),
    { kind: "missing" },
  ]);
});
