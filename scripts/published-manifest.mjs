// package.json as it is published: without what only serves work on the sources. A published `prepare` script, which would
// find nothing to prepare, makes npm warn of install scripts.
//   node scripts/published-manifest.mjs write     before packing
//   node scripts/published-manifest.mjs restore   behind it
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** What is of no use to who installs the package. */
const OURS = ["scripts", "devDependencies", "overrides", "lint-staged", "allowScripts"];

/**
 * @param {Record<string, unknown>} manifest
 * @returns {Record<string, unknown>}
 */
export function publishedManifest(manifest) {
  return Object.fromEntries(Object.entries(manifest).filter(([key]) => !OURS.includes(key)));
}

const path = (/** @type {string} */ name) => fileURLToPath(new URL(`../${name}`, import.meta.url));
const [manifest, saved] = [path("package.json"), path("package.json.saved")];

/** A copy that a killed run left is the true one, so it is never overwritten. */
function write() {
  restore();
  const text = readFileSync(manifest, "utf8");
  writeFileSync(saved, text);
  writeFileSync(manifest, `${JSON.stringify(publishedManifest(JSON.parse(text)), null, 2)}\n`);
}

function restore() {
  if (existsSync(saved)) renameSync(saved, manifest);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const acts = { write, restore };
  const act = acts[/** @type {keyof typeof acts} */ (process.argv[2])];
  if (act === undefined) throw new Error("Say what to do: write or restore.");
  act();
}
