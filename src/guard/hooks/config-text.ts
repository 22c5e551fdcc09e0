/** Text edits of git configuration files. Pure; whatever else stands in the file is kept byte for byte. */
import { OWN_REFS } from "../../domain/ref-names.ts";
import { quoteForShell } from "../../domain/shell-word.ts";

/**
 * The lines that switch the guard on: an include, because what stands later in a config file wins; and only for the
 * clone at this place, because what it includes names a path. A copy of the clone, or the clone seen from elsewhere,
 * has its own hooks until it gets lines of its own.
 * @param path as the config file names what is included
 */
export function includeBlock(commonDir: string, path: string): string {
  const place = pathForGit(commonDir);
  const body = `\tpath = ${quoteConfigValue(path)}\n`;
  // A section's name cannot hold a line break.
  if (place.includes("\n")) return `[include]\n${body}`;
  const escaped = latin1(place)
    .replace(/[*?[\]\\]/g, "\\$&")
    .replace(/["\\]/g, "\\$&");
  // Where names differ by case only in looks, git may have been told another case.
  const key = process.platform === "linux" ? "gitdir" : "gitdir/i";
  // The main checkout's git directory, and those of linked worktrees in it.
  return [escaped, `${escaped}/`].map((pattern) => `[includeIf "${key}:${pattern}"]\n${body}`).join("");
}

/** A path as git writes it: with slashes on Windows; elsewhere a backslash is a character of a name. */
export function pathForGit(path: string): string {
  return process.platform === "win32" ? path.replaceAll("\\", "/") : path;
}

/** Config files are edited as bytes, each a character. */
function latin1(text: string): string {
  return Buffer.from(text).toString("latin1");
}

/** The file with this place's include as its last section. Unchanged when it stands there already. */
export function withInclude(content: string, commonDir: string, path: string): string {
  const block = includeBlock(commonDir, path);
  const start = content.indexOf(block);
  if (start >= 0 && !/hookspath/i.test(content.slice(start + block.length))) return content;
  const without = withoutBlock(content, block);
  return without === "" || without.endsWith("\n") ? without + block : `${without}\n${block}`;
}

const ALIAS_BLOCK = "[include]\n\tpath = bulkhead/alias\n";

/** The file with the include that brings `git bulkhead`, also where the clone is moved to. */
export function withAlias(content: string): string {
  if (content.includes(ALIAS_BLOCK)) return content;
  return content === "" || content.endsWith("\n") ? content + ALIAS_BLOCK : `${content}\n${ALIAS_BLOCK}`;
}

const OUR_INCLUDE =
  /^\[include(?:If "gitdir(?:\/i)?:(?:[^"\\\n]|\\.)*")?\]\n\tpath = "?(?:[^\n]*\/)?bulkhead\/(?:alias|gitconfig(?:-[0-9a-f]{8})?)"?\n/gm;

/** The file without Bulkhead's includes, those for other places too. */
export function withoutIncludes(content: string): string {
  return [...content.matchAll(OUR_INCLUDE)].reduce((text, [block]) => withoutBlock(text, block), content);
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
    "# git 2.54 and newer asks this before a push: a pre-push hook that a tool has written over is ours again before it runs.",
    '[hook "bulkhead-watch"]',
    "\tevent = pre-push",
    `\tcommand = ${quoteConfigValue(`${quoteForShell(`${hooksDirectory}/reference-transaction`)} watch`)}`,
    "",
  ].join("\n");
}

/**
 * The config file that brings `git bulkhead`, and keeps Bulkhead's own refs (they hold uncommitted work) from whoever fetches
 * from this clone and from decorations: the same wherever the clone lies.
 */
export function aliasConfig(): string {
  return [
    "# Written by `bulkhead init`: `git bulkhead <command>` works in every worktree of this clone.",
    "[alias]",
    `\tbulkhead = ${quoteConfigValue(LAUNCH)}`,
    "# Bulkhead's own refs hold uncommitted work: nobody who fetches from this clone is sent them.",
    "[transfer]",
    `\thideRefs = ${OWN_REFS.replace(/\/$/, "")}`,
    "[log]",
    `\texcludeDecoration = ${OWN_REFS}`,
    "",
  ].join("\n");
}

/** A value in git's config syntax (https://git-scm.com/docs/git-config#_syntax): quoted where it has to be. */
function quoteConfigValue(value: string): string {
  if (/^[A-Za-z0-9_./:@+-]+$/.test(value)) return value;
  return `"${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n").replaceAll("\t", "\\t")}"`;
}
