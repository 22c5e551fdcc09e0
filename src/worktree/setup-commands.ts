/** Commands that make a worktree ready: the clone's own setting, or what the repository has for other tools. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { writeFileAtomically } from "../files/atomic-write.ts";
import { listNames, readBytes, readText } from "../files/read-file.ts";
import { commonLayout } from "../layout/paths.ts";

/** What is to be run, and who says so. */
export interface Setup {
  /** A setting of the clone's, or a file of the repository. */
  readonly source: string;
  readonly commands: readonly string[];
  /** Of everything that would run, as far as the repository tells; null for the clone's own setting, which needs no yes. */
  readonly digest: string | null;
}

/** Other tools' files, each with how it names its commands. The first that has any counts. */
const FILES: readonly { readonly file: string; readonly commands: (document: Record<string, unknown>) => unknown }[] = [
  { file: ".cursor/worktrees.json", commands: cursorCommands },
  { file: ".emdash.json", commands: ({ scripts }) => (scripts as Record<string, unknown> | undefined)?.setup },
  { file: ".superset/config.json", commands: ({ setup }) => setup },
];

function cursorCommands(document: Record<string, unknown>): unknown {
  const own = process.platform === "win32" ? "setup-worktree-windows" : "setup-worktree-unix";
  return document[own] ?? document["setup-worktree"];
}

/** What would make a worktree ready; null for nothing. @param configured the clone's own setting */
export function findSetup(worktree: string, configured: readonly string[]): Setup | null {
  if (configured.length > 0) return { source: "bulkhead.setup", commands: configured, digest: null };
  for (const { file, commands: read } of FILES) {
    const document = readJson(join(worktree, file));
    const commands = document === null ? [] : texts(read(document));
    if (commands.length > 0) return { source: file, commands, digest: digestOf(worktree, file, commands) };
  }
  return null;
}

/** Directories that the repository wants to be linked, by `.claude` settings: names inside of it alone. */
export function linkedDirectories(worktree: string): string[] {
  const names = [".claude/settings.json", ".claude/settings.local.json"].flatMap((file) => {
    const settings = readJson(join(worktree, file))?.worktree as Record<string, unknown> | undefined;
    return texts(settings?.symlinkDirectories);
  });
  const inside = (name: string) => !/^(?:[/\\]|[A-Za-z]:)|(?:^|[/\\])(?:\.\.|\.git)(?:[/\\]|$)/.test(name);
  return [...new Set(names.map((name) => name.replace(/^\.\/|\/+$/g, "")))].filter(
    (name) => name !== "" && inside(name),
  );
}

/** Whether somebody has said yes to these very commands in this clone. */
export function isAgreed(commonDir: string, { digest }: Setup): boolean {
  return digest === null || listNames(commonLayout(commonDir).setupAgreed).includes(digest);
}

export function agree(commonDir: string, { digest, source, commands }: Setup): void {
  if (digest === null) return;
  const text = [`${source}:`, ...commands, ""].join("\n");
  writeFileAtomically(join(commonLayout(commonDir).setupAgreed, digest), text);
}

/** Whether somebody has said no to these very commands: they are not asked again. */
export function isRefused(commonDir: string, { digest }: Setup): boolean {
  return digest !== null && listNames(commonLayout(commonDir).setupAgreed).includes(`${digest}${REFUSED}`);
}

export function refuse(commonDir: string, { digest, source }: Setup): void {
  if (digest !== null)
    writeFileAtomically(join(commonLayout(commonDir).setupAgreed, `${digest}${REFUSED}`), `${source}\n`);
}

/** Behind the digest of commands that were refused. */
const REFUSED = ".no";

/** A command that is a file of the repository counts with what is in it: another content is another command. */
function digestOf(worktree: string, file: string, commands: readonly string[]): string {
  const hash = createHash("sha256").update(file);
  for (const command of commands) {
    hash.update("\0").update(command);
    for (const word of command.split(/\s+/)) {
      if (!/^[\w./-]+$/.test(word) || word.split("/").includes("..")) continue;
      const content = readFileOrNull(join(worktree, word.replace(/^\/+/, "")));
      if (content !== null) hash.update("\0").update(content);
    }
  }
  return hash.digest("hex");
}

function readFileOrNull(path: string): Buffer | null {
  try {
    return readBytes(path);
  } catch {
    // A directory, or not ours to read: then it is no script that could run.
    return null;
  }
}

function readJson(path: string): Record<string, unknown> | null {
  try {
    const document: unknown = JSON.parse(readText(path) ?? "null");
    return typeof document === "object" && document !== null ? (document as Record<string, unknown>) : null;
  } catch {
    // Other tools' files, perhaps with comments in them: what cannot be read asks for nothing.
    return null;
  }
}

function texts(value: unknown): string[] {
  const list = Array.isArray(value) ? value : [value];
  return list.filter((one): one is string => typeof one === "string" && one.trim() !== "");
}
