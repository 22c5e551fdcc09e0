import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { publishedManifest } from "../../scripts/published-manifest.mjs";
import type { Finished, TestRepository } from "./repository.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** Files of the package as npm would publish it, from the `dist/` that is there. */
export function packedFiles(scratch: TestRepository): string[] {
  const { stdout } = npm(scratch, ["pack", ROOT, "--dry-run", "--json", "--ignore-scripts"]);
  const [packed] = JSON.parse(stdout) as [{ files: { path: string }[] }];
  return packed.files.map(({ path }) => path).sort();
}

/**
 * Packs Bulkhead and installs the tarball into a repository as its users do, without the network: what it
 * depends on is packed too, from where it is installed here.
 * @returns `npx <args>` in that repository, whatever comes of it
 */
export function installPackage(repository: TestRepository): (...args: string[]) => Finished {
  const { bulkhead, dependencies } = packPackages(repository);
  const overrides = dependencies.map(({ name, tarball }) => [name, `file:${tarball}`]);
  const manifest = { name: "scratch", private: true, overrides: Object.fromEntries(overrides) };
  repository.write("package.json", `${JSON.stringify(manifest, null, 2)}\n`);
  repository.write(".gitignore", "node_modules\n");
  npm(repository, ["install", "--save-dev", "--offline", "--ignore-scripts", "--no-audit", "--no-fund", bulkhead]);
  return (...args) => npm(repository, ["exec", "--offline", "--", ...args], false);
}

/** Tarballs of Bulkhead, as it would be published, and of what it depends on. @returns absolute paths */
export function packPackages(scratch: TestRepository): {
  readonly bulkhead: string;
  readonly dependencies: readonly { readonly name: string; readonly tarball: string }[];
} {
  const tarballs = join(dirname(scratch.path), "tarballs");
  mkdirSync(tarballs);
  const pack = (directory: string) => {
    const args = ["pack", directory, "--ignore-scripts", "--json", "--pack-destination", tarballs];
    const [packed] = JSON.parse(npm(scratch, args).stdout) as [{ filename: string }];
    return join(tarballs, packed.filename);
  };
  return {
    bulkhead: pack(stageForPublishing(scratch)),
    dependencies: installedDependencies(ROOT).map(({ name, directory }) => ({ name, tarball: pack(directory) })),
  };
}

/**
 * Copies the built program and what it depends on to where another user of this machine can read it, since this checkout may
 * lie where only its owner can look. @returns its command line
 */
export function copyProgram(directory: string): string {
  const program = join(directory, "program");
  cpSync(join(ROOT, "dist"), join(program, "dist"), { recursive: true });
  cpSync(join(ROOT, "migrations"), join(program, "migrations"), { recursive: true });
  writeFileSync(join(program, "package.json"), '{"type":"module"}');
  for (const { name, directory: from } of installedDependencies(ROOT)) {
    cpSync(from, join(program, "node_modules", name), { recursive: true, dereference: true });
  }
  return join(program, "dist", "cli.js");
}

/** The files that are published, with `package.json` as `prepack` leaves it, without a build. */
function stageForPublishing(scratch: TestRepository): string {
  const staged = join(dirname(scratch.path), "staged");
  for (const file of packedFiles(scratch)) cpSync(join(ROOT, file), join(staged, file));
  const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as Record<string, unknown>;
  writeFileSync(join(staged, "package.json"), `${JSON.stringify(publishedManifest(manifest), null, 2)}\n`);
  return staged;
}

/** Runtime dependencies and theirs, as far as they are installed: those for other platforms are not. */
function installedDependencies(from: string): { name: string; directory: string }[] {
  const found = new Map<string, string>();
  const visit = (directory: string): void => {
    const manifest = JSON.parse(readFileSync(join(directory, "package.json"), "utf8")) as Manifest;
    for (const name of Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies })) {
      const installed = packageDirectory(name, directory);
      if (installed === undefined || found.has(name)) continue;
      found.set(name, installed);
      visit(installed);
    }
  };
  visit(from);
  return [...found].map(([name, directory]) => ({ name, directory }));
}

function packageDirectory(name: string, from: string): string | undefined {
  const places = createRequire(join(from, "package.json")).resolve.paths(name) ?? [];
  return places.map((place) => join(place, name)).find((directory) => existsSync(directory));
}

function npm(repository: TestRepository, args: string[], check = true): Finished {
  const env = { npm_config_cache: join(dirname(repository.path), "npm-cache"), npm_config_update_notifier: "false" };
  // On Windows npm is a script that cannot be started without a shell; npm says where its program is.
  const program = process.env.npm_execpath ?? "";
  return program.endsWith("npm-cli.js")
    ? repository.run(process.execPath, [program, ...args], { env, check })
    : repository.run("npm", args, { env, check });
}
