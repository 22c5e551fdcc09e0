import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";
import { BulkheadError } from "../../src/domain/error.ts";
import { GIT_ALIAS, setInvocation, startedAs, typed } from "../../src/domain/invocation.ts";
import { shellWord } from "../../src/domain/shell-word.ts";

afterEach(() => setInvocation("bulkhead"));

test("every hint follows the form that works from where the person is", () => {
  const { hint } = new BulkheadError("NO_SESSION", { worktree: "/w" });
  expect(hint).toBe("Start one: bulkhead start <item>");
  setInvocation(GIT_ALIAS);
  expect(new BulkheadError("NO_SESSION", { worktree: "/w" }).hint).toBe("Start one: git bulkhead start <item>");
  expect(typed("")).toBe("git bulkhead");
});

test.each([
  ["npm/11.0.0 node/v20", "npx bulkhead"],
  ["pnpm/10.1.0 npm/? node/v20", "pnpm bulkhead"],
  ["yarn/4.5.0 npm/? node/v20", "yarn bulkhead"],
  ["bun/1.2.0 npm/? node/v24", "bunx bulkhead"],
])("started by %s it is %s", (agent, form) => {
  const started = { env: { npm_config_user_agent: agent }, program: "/p/cli.js", onPath: false, quote: shellWord };
  expect(startedAs(started)).toBe(form);
});

test("started by hand it is the word on the PATH, or else the program itself", () => {
  const started = { env: {}, program: "/my tools/cli.js", onPath: true, quote: shellWord };
  expect(startedAs(started)).toBe("bulkhead");
  expect(startedAs({ ...started, onPath: false })).toBe("node '/my tools/cli.js'");
});

/** A command of ours in a text: the program's name and a word of its own behind it. */
const LITERAL =
  /["'`](?:[^"'`\n]*[ :`])?(?:npx )?bulkhead (?:-C|--help|init|doctor|start|run|release|expect|sessions|status|gate|events|heartbeat|keeper|worktree|handoff|ship|recover|schedule|guard|db|request|snapshot|undo|help)\b/;

/** Files in which the words stand for something else, each with why. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  "domain/invocation.ts": "it is where the forms are made",
  "guard/install/package-scripts.ts": "npm finds the program by its name in a script",
  "guard/hooks/config-text.ts": "a comment in a file that says who wrote it",
  "guard/hooks/hook-script.ts": "a comment in a file that says who wrote it",
  "layout/guard-conf.ts": "a comment in a file that says who wrote it",
  "app/snapshot-restore.ts": "a reflog message",
  "recover/bring-back.ts": "a reflog message",
  "recover/protect.ts": "a reflog message",
  "recover/schedule.ts": "a comment in a file that says who wrote it",
  "ship/sync-base.ts": "a reflog message",
  "worktree/keep-objects.ts": "a reflog message",
  "worktree/restore.ts": "a reflog message",
};

test("no text spells how Bulkhead is called by itself", () => {
  const root = fileURLToPath(new URL("../../src/", import.meta.url));
  const files = readdirSync(root, { recursive: true, encoding: "utf8" }).map((file) => file.replaceAll("\\", "/"));
  const found = files
    .filter((file) => file.endsWith(".ts") && !(file in ELSEWHERE))
    .flatMap((file) =>
      readFileSync(join(root, file), "utf8")
        .split("\n")
        .filter((line) => !/^\s*(\*|\/\/|\/\*\*)/.test(line) && LITERAL.test(line))
        .map((line) => `${file}: ${line.trim()}`),
    );
  expect(found).toEqual([]);
});
