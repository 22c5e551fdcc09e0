/** Text edits of git configuration files. Pure; whatever else stands in the file is kept byte for byte. */

/** The lines that switch the guard on: an include, because what stands later in a config file wins. */
export function includeBlock(path: string): string {
  return `[include]\n\tpath = ${quoteConfigValue(path)}\n`;
}

/** The file with the include as its last section. Unchanged when it stands there already. */
export function withInclude(content: string, path: string): string {
  const block = includeBlock(path);
  const without = withoutInclude(content, path);
  if (
    content.endsWith(block) ||
    (content.includes(block) && !/hookspath/i.test(content.slice(content.indexOf(block))))
  ) {
    return content;
  }
  return without === "" || without.endsWith("\n") ? without + block : `${without}\n${block}`;
}

/** The file without the include. */
export function withoutInclude(content: string, path: string): string {
  return withoutBlock(content, includeBlock(path));
}

/** The file with branches stored as protected. */
export function withProtect(content: string, patterns: readonly string[]): string {
  const missing = patterns.map(protectBlock).filter((block) => !content.includes(block));
  const start = content === "" || content.endsWith("\n") ? content : `${content}\n`;
  return missing.length === 0 ? content : start + missing.join("");
}

/** The file without those branches, where it still says them as `withProtect` wrote them. */
export function withoutProtect(content: string, patterns: readonly string[]): string {
  return patterns.reduce((text, pattern) => withoutBlock(text, protectBlock(pattern)), content);
}

/** Takes a section of ours out; where `git config` has added lines of others to it since, those stay in it. */
function withoutBlock(content: string, block: string): string {
  const start = content.indexOf(block);
  if (start < 0) return content;
  const rest = content.slice(start + block.length);
  const [header = ""] = block.split("\n", 1);
  return content.slice(0, start) + (/^[ \t]/.test(rest) ? `${header}\n` : "") + rest;
}

/** The branches that a file names in blocks as `withProtect` writes them. */
export function readProtectBlocks(content: string): string[] {
  const values = [...content.matchAll(/^\[bulkhead\]\n\tprotect = (.*)\n/gm)].map(([, value = ""]) => value);
  return values.map((value) => value.replace(/^"(.*)"$/, "$1"));
}

function protectBlock(pattern: string): string {
  return `[bulkhead]\n\tprotect = ${quoteConfigValue(pattern)}\n`;
}

/**
 * What `git bulkhead` runs. Found by asking git, so that a clone that was moved, or lies at two paths, finds its own; git puts
 * the words behind it as `"$@"`.
 */
const LAUNCH = '!sh "$(git rev-parse --path-format=absolute --git-common-dir)/bulkhead/launch.sh"';

/** The config file that the include names. */
export function hooksPathConfig(hooksDirectory: string): string {
  return [
    "# Written by `bulkhead init`: makes git run Bulkhead's hooks in every worktree of this clone.",
    "[core]",
    `\thooksPath = ${quoteConfigValue(hooksDirectory)}`,
    "[alias]",
    `\tbulkhead = ${quoteConfigValue(LAUNCH)}`,
    "",
  ].join("\n");
}

/** A value in git's config syntax (https://git-scm.com/docs/git-config#_syntax): quoted where it has to be. */
function quoteConfigValue(value: string): string {
  if (/^[A-Za-z0-9_./:@+-]+$/.test(value)) return value;
  return `"${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n").replaceAll("\t", "\\t")}"`;
}
