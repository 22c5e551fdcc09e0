// Bundles Bulkhead into dist/: the command line split per command, the library, and the hooks'
// self-contained full guard. Only libsql, which is native, stays outside the bundle.
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { thirdPartyNotices } from "./third-party-notices.mjs";

const root = new URL("../", import.meta.url);
process.chdir(fileURLToPath(root));
const { version } = JSON.parse(readFileSync("package.json", "utf8"));

/** @type {import("esbuild").BuildOptions} */
const shared = {
  bundle: true,
  platform: "node",
  // jsonc-parser's CommonJS entry builds its requires at run time, which no bundler can follow.
  mainFields: ["module", "main"],
  target: "node20.19",
  format: "esm",
  define: { __BULKHEAD_VERSION__: JSON.stringify(version) },
  logLevel: "warning",
  // Their licenses stand in THIRD-PARTY-NOTICES.md instead.
  legalComments: "none",
  metafile: true,
};

rmSync("dist", { recursive: true, force: true });
const program = await build({
  ...shared,
  entryPoints: { cli: "src/cli.ts", index: "src/index.ts", heartbeat: "src/app/heartbeat-timer.ts" },
  outdir: "dist",
  splitting: true,
  chunkNames: "chunks/[name]-[hash]",
  external: ["libsql"],
  // Bundled CommonJS packages call require(), which ES modules do not have.
  banner: {
    js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
  },
});
const guard = await build({
  ...shared,
  entryPoints: { guard: "src/guard/main.ts" },
  outdir: "dist",
  outExtension: { ".js": ".mjs" },
});
mkdirSync("dist/hooks", { recursive: true });
writeFileSync("dist/hooks/guard.sh", stripScript(readFileSync("hooks/guard.sh", "utf8")));
writeFileSync("dist/hooks/launch.sh", stripScript(readFileSync("hooks/launch.sh", "utf8")));
chmodSync("dist/cli.js", 0o755);
writeFileSync("dist/THIRD-PARTY-NOTICES.md", thirdPartyNotices([program.metafile, guard.metafile]));
// What each bundle was made of, for tests; not published.
writeFileSync("dist/metafile.json", JSON.stringify({ program: program.metafile, guard: guard.metafile }));

const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
if (!process.argv.includes("--no-types")) {
  execFileSync(process.execPath, [tsc, "-p", "tsconfig.types.json"], { stdio: "inherit" });
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
