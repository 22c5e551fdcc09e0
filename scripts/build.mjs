// Bundles Bulkhead into dist/: the command line and the library as CommonJS, in few files of which a command loads only
// what it needs, and the hooks' self-contained full guard. Only libsql, which is native, stays outside the bundle.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { coreRooms } from "./core-rooms.mjs";
import { lazyBuiltins } from "./lazy-builtins.mjs";
import { thirdPartyNotices } from "./third-party-notices.mjs";

const root = fileURLToPath(new URL("../", import.meta.url));
process.chdir(root);
const { version, dependencies } = JSON.parse(readFileSync("package.json", "utf8"));

/** What the program knows of itself without reading a file: see src/build-constants.d.ts. */
const constants = {
  __BULKHEAD_VERSION__: JSON.stringify(version),
  __LIBSQL_VERSION__: JSON.stringify(dependencies.libsql),
  __SQLITE_STEPS__: JSON.stringify(embeddedSteps()),
};

/** @type {import("rolldown").InputOptions} */
const shared = {
  platform: "node",
  // jsonc-parser's CommonJS entry builds its requires at run time, which no bundler can follow.
  resolve: { mainFields: ["module", "main"] },
  transform: { target: "node20.19", define: constants },
  // Dynamic imports are there for who reads the sources, too: what ends up in one file with its caller is no mistake.
  checks: { ineffectiveDynamicImport: false },
};
/** Without comments, which a start would have to read every time; licenses stand in THIRD-PARTY-NOTICES.md. */
const terse = { comments: false };

rmSync("dist", { recursive: true, force: true });
const program = await bundle(
  {
    ...shared,
    input: { cli: "src/cli.ts", index: "src/index.ts", heartbeat: "src/app/heartbeat-timer.ts" },
    external: ["libsql"],
    // Said, since the core's files are cut by hand.
    preserveEntrySignatures: "allow-extension",
    plugins: [lazyBuiltins()],
  },
  {
    // Node sets up a loader of its own for ES modules, which costs a quarter of its start.
    format: "cjs",
    entryFileNames: "[name].js",
    chunkFileNames: "chunks/[name]-[hash].js",
    codeSplitting: { groups: [coreRooms(root)] },
    ...terse,
  },
);
// CommonJS, whatever the package around it says.
writeFileSync("dist/package.json", `${JSON.stringify({ type: "commonjs" })}\n`);
const guard = await bundle(
  { ...shared, input: { guard: "src/guard/main.ts" } },
  { format: "es", entryFileNames: "[name].mjs", codeSplitting: false, ...terse },
);
mkdirSync("dist/hooks", { recursive: true });
writeFileSync("dist/hooks/guard.sh", stripScript(readFileSync("hooks/guard.sh", "utf8")));
writeFileSync("dist/hooks/launch.sh", stripScript(readFileSync("hooks/launch.sh", "utf8")));
chmodSync("dist/cli.js", 0o755);
writeFileSync("dist/THIRD-PARTY-NOTICES.md", thirdPartyNotices([program, guard]));
// What each bundle was made of, for tests; not published.
writeFileSync("dist/metafile.json", JSON.stringify({ program, guard }));

const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
if (!process.argv.includes("--no-types")) {
  execFileSync(process.execPath, [tsc, "-p", "tsconfig.types.json"], { stdio: "inherit" });
}

/**
 * @param {import("rolldown").InputOptions} input
 * @param {import("rolldown").OutputOptions} output
 * @returns {Promise<import("./third-party-notices.mjs").Metafile>} what each file was made of
 */
async function bundle(input, output) {
  const build = await rolldown(input);
  const { output: files } = await build.write({ dir: "dist", ...output });
  await build.close();
  const chunks = files.filter((file) => file.type === "chunk");
  const isOurs = (/** @type {string} */ name) => chunks.some(({ fileName }) => fileName === name);
  const link = (/** @type {string} */ kind) => (/** @type {string} */ name) =>
    isOurs(name) ? { path: `dist/${name}`, kind } : { path: name, kind, external: true };
  return {
    outputs: Object.fromEntries(
      chunks.map(({ fileName, imports, dynamicImports, modules }) => [
        `dist/${fileName}`,
        {
          imports: [...imports.map(link("import-statement")), ...dynamicImports.map(link("dynamic-import"))],
          inputs: Object.fromEntries(
            Object.entries(modules).map(([id, { renderedLength }]) => [
              relative(root, id).split(sep).join("/"),
              { bytesInOutput: renderedLength },
            ]),
          ),
        },
      ]),
    ),
  };
}

/** The embedded store's steps as src/store/migration-files.ts reads them: one that differs is refused by every command. */
function embeddedSteps() {
  const directory = "migrations/sqlite";
  return readdirSync(directory)
    .flatMap((file) => /^(\d{4,}_[a-z0-9_]+)\.sql$/.exec(file)?.[1] ?? [])
    .sort()
    .map((name) => {
      const sql = readFileSync(`${directory}/${name}.sql`, "utf8").replaceAll("\r\n", "\n");
      return { name, checksum: createHash("sha256").update(sql).digest("hex") };
    });
}

/**
 * A shell script without comments and indentation: a shell reads the whole file anew at every hook, and half of ours
 * is for people. The lines that `init` makes hooks from (`#@ …`, `#= …`) stay. The script has no here-documents.
 * @param {string} source
 */
function stripScript(source) {
  const lines = source.split("\n").map((line) => line.trimStart());
  return `${lines.filter((line) => line !== "" && (!line.startsWith("#") || /^#[!@=]/.test(line))).join("\n")}\n`;
}
