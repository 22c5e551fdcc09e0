// The licenses of everything that was bundled into dist/, which asks for them to travel along.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * @typedef {{ imports: { path: string, kind: string, external?: boolean }[], inputs: Record<string, { bytesInOutput: number }> }} Output
 * @typedef {{ outputs: Record<string, Output> }} Metafile
 * @param {Metafile[]} metafiles what the bundles were made of
 * @returns {string} the text of THIRD-PARTY-NOTICES.md
 * @throws {Error} when a bundled package names no license
 */
export function thirdPartyNotices(metafiles) {
  const directories = new Set(metafiles.flatMap(bundledPackages));
  const notices = [...directories].map(notice).sort((a, b) => a.title.localeCompare(b.title, "en"));
  return [
    "# Third-party notices",
    "",
    "The programs of this package contain code of the packages below, each under its own license.",
    ...notices.map(({ title, license, text }) => `\n## ${title}\n\nLicense: ${license}\n\n${text}`),
    "",
  ].join("\n");
}

/** Directories of the packages of which something ended up in an output. @param {Metafile} metafile */
function bundledPackages({ outputs }) {
  return Object.values(outputs)
    .flatMap(({ inputs }) => Object.entries(inputs))
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .flatMap(([path]) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path) ?? []);
}

function notice(directory) {
  const { name, version, license } = JSON.parse(readFileSync(join(directory, "package.json"), "utf8"));
  if (typeof license !== "string") throw new Error(`${name} is bundled but names no license`);
  const file = readdirSync(directory).find((entry) => /^licen[cs]e(\.|$)/i.test(entry));
  const text =
    file === undefined ? "(The package holds no license text.)" : quote(readFileSync(join(directory, file), "utf8"));
  return { title: `${name} ${version}`, license, text };
}

function quote(text) {
  return text
    .trim()
    .split(/\r?\n/)
    .map((line) => `> ${line}`.trimEnd())
    .join("\n");
}
