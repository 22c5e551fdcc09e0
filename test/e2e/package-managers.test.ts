import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { packPackages } from "../support/installed-package.ts";
import { type Registry, serveRegistry } from "../support/registry.ts";
import { createGround, type TestRepository } from "../support/repository.ts";
import { hasTool, type Tool, toolPath } from "../support/tools.ts";

const README = readFileSync(new URL("../../README.md", import.meta.url), "utf8");

/** What the README tells a user of a package manager to type. */
function lineFor(manager: string): string {
  const [, line] = new RegExp(`^\\| ${manager}[^|]*\\| \`([^\`]+)\` \\|$`, "m").exec(README) ?? [];
  if (line === undefined) throw new Error(`the README has no line for ${manager}`);
  return line;
}

/** The README's own day. */
function day(): string[] {
  const [, section = ""] = README.split("\n## A day with it\n");
  const [, lines = ""] = /^```sh\n([\s\S]*?)^```$/m.exec(section) ?? [];
  return lines.trim().split("\n");
}

interface Way {
  readonly name: string;
  /** How the README's table calls it. */
  readonly row: string;
  /** The program that is to be there, and the names that it is typed by. */
  readonly tool?: { readonly is: Tool; readonly as: readonly string[] };
  readonly env?: (registry: string, home: string) => NodeJS.ProcessEnv;
  readonly files?: Readonly<Record<string, string>>;
}

const JS = {
  "package.json": '{ "name": "scratch", "private": true }\n',
  ".gitignore": "node_modules\n.yarn\n.pnp.*\n",
};
const PYTHON = { "pyproject.toml": '[project]\nname = "scratch"\nversion = "1"\n', ".gitignore": ".venv\n" };
const berry = (linker: string) => (registry: string) => ({
  ...{ YARN_NPM_REGISTRY_SERVER: registry, YARN_UNSAFE_HTTP_WHITELIST: "127.0.0.1", YARN_NODE_LINKER: linker },
  ...{ YARN_ENABLE_TELEMETRY: "0", YARN_ENABLE_GLOBAL_CACHE: "0", YARN_NPM_MINIMAL_AGE_GATE: "0" },
});

const WAYS: readonly Way[] = [
  { name: "npm", row: "npm" },
  {
    name: "npm, once for all clones, in a Python repository",
    row: "no `package.json`",
    files: PYTHON,
    env: (_, home) => ({ npm_config_prefix: join(home, "global") }),
  },
  { name: "pnpm", row: "pnpm", tool: { is: "pnpm", as: ["pnpm"] } },
  { name: "yarn 1", row: "yarn", tool: { is: "yarn-classic", as: ["yarn"] } },
  {
    name: "yarn 4, Plug'n'Play",
    row: "yarn",
    tool: { is: "yarn-berry", as: ["yarn"] },
    env: berry("pnp"),
    files: { ...JS, "yarn.lock": "" },
  },
  {
    name: "yarn 4, node_modules",
    row: "yarn",
    tool: { is: "yarn-berry", as: ["yarn"] },
    env: berry("node-modules"),
    files: { ...JS, "yarn.lock": "" },
  },
  { name: "bun", row: "bun", tool: { is: "bun", as: ["bun", "bunx"] } },
];

// One registry for all of them: packing takes longer than installing.
let registry: Registry;
let scratch: string;
beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), "bulkhead-registry-"));
  const { clone } = createGround({ directory: scratch });
  const { bulkhead, dependencies } = packPackages(clone);
  registry = await serveRegistry(clone, [bulkhead, ...dependencies.map(({ tarball }) => tarball)]);
});
afterAll(async () => {
  await registry.close();
  rmSync(scratch, { recursive: true, force: true });
});

describe.each(WAYS)("by the README alone, with $name", ({ row, tool, env, files = JS }) => {
  test.runIf(process.platform !== "win32" && (tool === undefined || hasTool(tool.is)))(
    "from nothing to a guarded worktree with a claim, without a line that fails",
    async () => {
      const { clone, directory } = createGround();
      const { url } = registry;
      const bin = join(directory, "bin");
      mkdirSync(bin);
      for (const name of tool?.as ?? []) {
        const program = tool?.is === "bun" && name === "bunx" ? "bunx" : (tool?.is ?? "");
        symlinkSync(toolPath(program), join(bin, name));
      }
      Object.assign(clone.env, {
        PATH: [bin, join(directory, "home", "global", "bin"), clone.env.PATH].join(delimiter),
        ...{ npm_config_registry: url, PNPM_CONFIG_REGISTRY: url, YARN_REGISTRY: url, BUN_CONFIG_REGISTRY: url },
        ...{ npm_config_update_notifier: "false", npm_config_audit: "false", npm_config_fund: "false" },
        ...env?.(url, join(directory, "home")),
      });
      clone.commit("a repository of its kind", files);

      await type(clone, lineFor(row));
      clone.git("add", "-A");
      clone.git("commit", "-q", "--allow-empty", "-m", "Install Bulkhead");
      const said = await type(clone, day().join("\n"));
      expect(said).toContain("LOGIN-1");
      expect(clone.git("log", "-1", "--format=%s", "feat/login")).toBe("Add the login");
      // A second worktree, for a second claim, and the wrong branch there.
      await type(clone, "git worktree add -b feat/search ../search && cd ../search && git bulkhead start SEARCH-1");
      const search = clone.at(join(directory, "search"));
      search.git("switch", "-q", "-c", "astray");
      const refused = search.tryGit(["commit", "--allow-empty", "-m", "no"]);
      expect([refused.exitCode, refused.stderr]).toEqual([1, expect.stringContaining("git switch feat/search")]);
    },
  );
});

/** Types lines into a shell, which stops at the first that fails. @returns what they said */
async function type(clone: TestRepository, lines: string): Promise<string> {
  const { exitCode, stdout, stderr } = await clone.start("bash", ["-e", "-c", lines]).finished;
  const said = stdout + stderr;
  expect({ lines, exitCode, said: exitCode === 0 ? "" : said }).toEqual({ lines, exitCode: 0, said: "" });
  return said;
}
