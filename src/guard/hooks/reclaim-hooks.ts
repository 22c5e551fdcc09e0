import { chmodSync, existsSync, lstatSync, mkdirSync, readlinkSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { isAbsolute, join, resolve } from "node:path";
import { writeFileAtomically } from "../../files/atomic-write.ts";
import { isLink } from "../../files/links.ts";
import { listNames, readBytes } from "../../files/read-file.ts";
import { parseGuardConf } from "../../layout/guard-conf.ts";
import { readInstallRecord } from "../../layout/install-record.ts";
import { commonLayout } from "../../layout/paths.ts";
import { isHookName } from "./hook-names.ts";
import { foreignPart } from "./hook-script.ts";

/** Something in our hooks directory that a tool has put there. */
interface Foreign {
  /** Its file's name: a hook's, one with an ending (`pre-push.legacy`), or that of a file which hooks use. */
  readonly file: string;
  /** Its text where it is not a file of its own: what was added to ours. Null: the file itself is taken. */
  readonly text: string | null;
}

/**
 * Takes our hooks directory back from tools that install into whatever `core.hooksPath` names. What is not ours is
 * somebody's, whatever it is called, and is taken to where it runs behind the guard: to the clone's own `hooks`, where
 * the tool would have put it without Bulkhead, or, where that is not what git would run, or taken by another tool, to a
 * place of ours. Nothing is overwritten, and nothing is written through a link. Ours are put back by the caller.
 * @returns names of the files that were taken
 */
export function reclaimHooks(commonDir: string): string[] {
  const layout = commonLayout(commonDir);
  const { foreign, copies } = sortFiles(commonDir);
  if (foreign.length === 0 && copies.length === 0) return [];
  const conf = parseGuardConf(readBytes(layout.guardConf)?.toString() ?? "");
  const natural = join(commonDir, "hooks");
  // The hooks directory may be a link into files that a team shares.
  const target = conf.chain === "" && !isLink(natural) ? natural : layout.theirs;
  // Ours under another name: the tool that made them runs the hook that stood there before, by that name.
  for (const file of copies) rmSync(join(layout.hooks, file), { force: true });
  const wraps = (name: string) => copies.find((file) => file.startsWith(`${name}.`))?.slice(name.length);
  for (const one of foreign.filter(({ file }) => !isHookName(file))) take(one, layout.hooks, target);
  for (const one of foreign.filter(({ file }) => isHookName(file))) {
    takeHook(one, layout.hooks, target, layout.theirs, wraps(one.file));
  }
  return foreign.map(({ file }) => file);
}

/** Sorts what lies in our hooks directory: what is somebody's, and copies of ours under other names. */
function sortFiles(commonDir: string): { foreign: Foreign[]; copies: string[] } {
  const layout = commonLayout(commonDir);
  const template = readBytes(layout.guardTemplate)?.toString("latin1");
  const foreign: Foreign[] = [];
  const copies: string[] = [];
  if (template === undefined) return { foreign, copies };
  const known = recordedHooks(commonDir);
  for (const file of listNames(layout.hooks)) {
    const path = join(layout.hooks, file);
    const kind = lstatSync(path);
    if (kind.isDirectory() || /\.\d+\.[0-9a-f]{8}\.tmp$/.test(file)) continue;
    const name = file.split(".")[0] ?? "";
    const text = kind.isFile() ? (readBytes(path)?.toString("latin1") ?? "") : null;
    const part = text === null ? "" : isHookName(name) ? foreignPart(text, name, template, known) : text;
    if (part === null && file !== name) copies.push(file);
    else if (part !== null) foreign.push({ file, text: part === text || text === null ? null : part });
  }
  return { foreign, copies };
}

/** Hooks that `init` has written, as far as its record tells. */
function recordedHooks(commonDir: string): ReadonlySet<string> {
  const { hooks } = commonLayout(commonDir);
  const ours = readInstallRecord(commonDir)?.changes.filter(
    ({ path, after }) => path.startsWith(hooks) && after !== null,
  );
  return new Set(ours?.map(({ after }) => Buffer.from(after ?? "", "base64").toString("latin1")));
}

/** @param suffix under which the tool has kept the hook that was there before it; it may say that it runs it */
function takeHook(one: Foreign, from: string, target: string, theirs: string, suffix: string | undefined): void {
  const there = join(target, one.file);
  if (!existsSync(there) || isSame(one, from, there) || isSameTool(one, from, there)) {
    if (existsSync(there) && !isSame(one, from, there)) renameSync(there, freeName(`${there}.old`));
    take(one, from, target);
  } else if (suffix !== undefined && contentOf(one, from)?.includes(suffix) && !existsSync(there + suffix)) {
    renameSync(there, there + suffix);
    take(one, from, target);
  } else take(one, from, theirs, freeHookName(theirs, one.file));
}

/** Takes one file to a directory, or drops it where the same stands there already. */
function take(one: Foreign, from: string, directory: string, name = one.file): void {
  const source = join(from, one.file);
  let to = join(directory, name);
  if (existsSync(to) && isSame(one, from, to)) {
    if (one.text === null) rmSync(source, { force: true });
    return;
  }
  mkdirSync(directory, { recursive: true });
  if (lstatSync(to, { throwIfNoEntry: false }) !== undefined) to = freeName(to);
  if (one.text !== null) {
    writeFileAtomically(to, Buffer.from(one.text, "latin1"), 0o755);
    // The umask may have taken bits away, and git silently skips a hook that is not executable.
    chmodSync(to, 0o755);
  } else if (isLink(source)) moveLink(source, from, to);
  else renameSync(source, to);
}

/** A link that leads to its neighbour goes with it, every other one keeps leading where it did. */
function moveLink(source: string, from: string, to: string): void {
  const target = readlinkSync(source);
  const stays = isAbsolute(target) || !target.includes("/");
  symlinkSync(stays ? target : resolve(from, target), to);
  rmSync(source);
}

function contentOf({ file, text }: Foreign, from: string): Buffer | null {
  return text === null ? readBytes(join(from, file)) : Buffer.from(text, "latin1");
}

function isSame(one: Foreign, from: string, path: string): boolean {
  const [a, b] = [contentOf(one, from), readBytes(path)];
  return a !== null && b !== null && a.equals(b);
}

const TOOLS = /lefthook|husky|overcommit|prek|pre-commit\.com|git[- ]lfs|branchless|simple-git-hooks/i;

/** Another version of the same tool's hook takes the place of the one before, as it would without Bulkhead. */
function isSameTool(one: Foreign, from: string, path: string): boolean {
  const [a, b] = [contentOf(one, from), readBytes(path)].map((text) => TOOLS.exec(text?.toString("latin1") ?? "")?.[0]);
  return a !== undefined && a.toLowerCase() === b?.toLowerCase();
}

/** A name beside it that is free: nothing of anybody's is overwritten. */
export function freeName(path: string): string {
  for (let number = 0; ; number++) {
    const name = number === 0 ? path : `${path}.${number}`;
    if (lstatSync(name, { throwIfNoEntry: false }) === undefined) return name;
  }
}

/** Several tools may have had the same hook: the sh guard runs `<name>`, then `<name>.1` to `<name>.9`. */
function freeHookName(directory: string, file: string): string {
  return freeName(join(directory, file)).slice(directory.length + 1);
}
