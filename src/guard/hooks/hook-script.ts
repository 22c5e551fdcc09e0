import { quoteForShell } from "../../domain/shell-word.ts";
import type { GuardConf } from "../../layout/guard-conf.ts";
import { GUARD_HOOKS } from "../facts.ts";

/** What a generated hook needs to know besides its name. */
export interface HookSettings extends Pick<GuardConf, "main" | "chain" | "protect" | "requireSession"> {
  /** Whether somebody else's reference-transaction hook runs behind ours: it is told of every state. */
  readonly chainsTransactions: boolean;
}

const GUARDED = new Set<string>(GUARD_HOOKS);

/**
 * Makes one hook file from the sh guard: the parts for that name, with the clone's settings in them, so that the hook
 * reads no second file. Nothing in it depends on where the clone is. Pure.
 * @param template hooks/guard.sh, as built
 * @param settings `main` as in guard.conf: relative to the common git directory where it can be
 */
export function compileHook(template: string, name: string, settings: HookSettings): string {
  const lines: string[] = [];
  let wanted = true;
  for (const line of template.split("\n")) {
    const part = /^#@ (.+)$/.exec(line)?.[1];
    if (part !== undefined) {
      const names = part.split(" ");
      wanted = names.includes("all") || names.includes(name) || (names.includes("others") && !GUARDED.has(name));
    } else if (line === "#= title") lines.push(`# Bulkhead's guard: ${name}. Made by \`bulkhead init\`.`);
    else if (line === "#= settings") lines.push(settingsLine(name, settings));
    else if (line === "#= main") lines.push(`main=${mainExpression(settings.main)}`);
    else if (wanted) lines.push(line);
  }
  return lines.join("\n");
}

function settingsLine(name: string, { chain, protect, requireSession, chainsTransactions }: HookSettings): string {
  const flag = (value: boolean) => (value ? "1" : "");
  const patterns = word(protect.join(" "));
  const flags = `require_session=${flag(requireSession)} transactions=${flag(chainsTransactions)}`;
  return `hook=${name} chain=${word(chain)} protect=${patterns} ${flags}`;
}

function mainExpression(main: string): string {
  if (main === "..") return `\${common%/*}`;
  return main.startsWith("..") ? `$common/${word(main)}` : word(main);
}

function word(text: string): string {
  return text === "" ? "" : quoteForShell(text);
}

/** A hook's lines without what stands for settings, by which ours are known whatever the settings were. Pure. */
function comparableLines(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.replace(/^(hook=[a-z0-9-]+ )chain=.*$/, "$1").replace(/^main=.*$/, "main="));
}

const ANY: HookSettings = { main: "", chain: "", protect: [], requireSession: false, chainsTransactions: false };

/**
 * What is somebody else's in a hook file: null for nothing (it is ours, whatever its settings), else all of it, or what
 * a tool has added to ours. Pure.
 * @param known other texts that were ours: of an earlier version
 */
export function foreignPart(text: string, name: string, template: string, known: ReadonlySet<string>): string | null {
  if (known.has(text)) return null;
  const own = comparableLines(compileHook(template, name, ANY)).slice(1);
  // The last line is empty: what is appended begins there.
  const body = own.at(-1) === "" ? own.slice(0, -1) : own;
  const lines = text.split("\n");
  const comparable = comparableLines(text);
  const start = comparable.findIndex((_, at) => body.every((line, index) => comparable[at + index] === line));
  if (start < 0) {
    const earlier = [...known].find((one) => one !== "" && text.startsWith(one));
    return earlier === undefined ? text : script([], text.slice(earlier.length).split("\n"));
  }
  return script(lines.slice(0, start), lines.slice(start + body.length));
}

/** What stood around ours, as a script of its own; null when there is nothing but an interpreter. */
function script(before: readonly string[], after: readonly string[]): string | null {
  const [first = ""] = before;
  const interpreter = first.startsWith("#!") ? first : "#!/bin/sh";
  const rest = [...before.slice(first.startsWith("#!") ? 1 : 0), ...after];
  return rest.every((line) => line.trim() === "") ? null : [interpreter, ...rest].join("\n");
}
