import type { FileChange } from "../hooks/file-change.ts";

/** Shows planned changes as a diff that people can read: whole new files by name, edits line by line. */
export function describeChanges(changes: readonly FileChange[]): string {
  return changes.map(describeChange).join("\n");
}

const MOST_LINES = 60;

function describeChange({ path, before, after }: FileChange): string {
  if (before === null) return `+++ ${path} (new, ${countLines(after)} lines)`;
  if (after === null) return `--- ${path} (removed)`;
  const [old, fresh] = [before.toString("utf8").split("\n"), after.toString("utf8").split("\n")];
  let start = 0;
  while (start < old.length && start < fresh.length && old[start] === fresh[start]) start++;
  let end = 0;
  while (end < Math.min(old.length, fresh.length) - start && old.at(-1 - end) === fresh.at(-1 - end)) end++;
  const removed = old.slice(start, old.length - end).map((line) => `-${line}`);
  const added = fresh.slice(start, fresh.length - end).map((line) => `+${line}`);
  // A newer version of our own programs is nothing that people read line by line.
  if (removed.length + added.length > MOST_LINES) return `--- ${path} (replaced, ${countLines(after)} lines)`;
  return [`--- ${path}`, ...removed, ...added].join("\n");
}

function countLines(content: Buffer | null): number {
  return (content?.toString("latin1").match(/\n/g) ?? []).length;
}
