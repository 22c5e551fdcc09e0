import { readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { expect, test } from "vitest";

interface Output {
  readonly imports: readonly { path: string; kind: string; external?: boolean }[];
  readonly inputs: Readonly<Record<string, unknown>>;
}
type Outputs = Readonly<Record<string, Output>>;

const metafile = JSON.parse(readFileSync(new URL("../../dist/metafile.json", import.meta.url), "utf8")) as Record<
  "program" | "guard",
  { outputs: Outputs }
>;

/** Packages that are loaded as soon as an output is, without anything being asked of it. */
function loadedAtStart(outputs: Outputs, entry: string): string[] {
  const packages = new Set<string>();
  const seen = new Set<string>();
  const visit = (name: string): void => {
    const output = outputs[name];
    if (output === undefined || seen.has(name)) return;
    seen.add(name);
    for (const input of Object.keys(output.inputs)) {
      const found = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1];
      if (found !== undefined) packages.add(found);
    }
    for (const { path, kind, external } of output.imports) {
      if (kind === "dynamic-import") continue;
      if (external !== true) visit(path);
      else if (!isBuiltin(path)) packages.add(path);
    }
  };
  expect(outputs).toHaveProperty([entry]);
  visit(entry);
  return [...packages].sort();
}

/** The file that a module of ours has ended up in. */
function outputOf(input: string): string {
  const found = Object.entries(metafile.program.outputs).find(([, { inputs }]) => input in inputs);
  expect(found, input).toBeDefined();
  return found?.[0] ?? "";
}

test("the command line starts with its argument parser and no other package", () => {
  expect(loadedAtStart(metafile.program.outputs, "dist/cli.js")).toEqual([]);
  expect(loadedAtStart(metafile.program.outputs, outputOf("src/commands/main.ts"))).toEqual(["commander"]);
});

test("commands of every day find all they need in two files", () => {
  const everyDay = ["start", "status", "sessions", "release", "heartbeat"].map((name) => `src/commands/${name}.ts`);
  const rest = ["src/app/clone.ts", "src/session/start.ts", "src/store/sqlite/sqlite-session-store.ts"];
  expect(new Set(everyDay.map(outputOf))).toEqual(new Set([outputOf("src/commands/main.ts")]));
  expect(new Set(rest.map(outputOf)).size).toBe(1);
});

test("the full guard, which hooks start, holds no package at all", () => {
  expect(loadedAtStart(metafile.guard.outputs, "dist/guard.mjs")).toEqual([]);
});

test("importing the library loads neither database nor GitHub client", () => {
  const heavy = /^(libsql|postgres|@octokit\/.*)$/;
  expect(loadedAtStart(metafile.program.outputs, "dist/index.js").filter((name) => heavy.test(name))).toEqual([]);
});
