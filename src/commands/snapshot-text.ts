import type { SnapshotDocument, SnapshotRow, SnapshotsDocument, TakenDocument, TakenRow } from "../app/snapshot.ts";
import type { RestoreDocument } from "../app/snapshot-restore.ts";
import { typed } from "../domain/invocation.ts";
import { formatTable } from "./table.ts";

/** Sizes as people say them. @param bytes */
export function sizeInWords(bytes: number): string {
  const units = ["B", "kB", "MB", "GB"];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(bytes, 1)) / 3));
  const number = bytes / 1000 ** power;
  return `${power === 0 || number >= 10 ? Math.round(number) : number.toFixed(1)} ${units[power]}`;
}

function filesInWords(files: number, bytes: number): string {
  return `${files} file${files === 1 ? "" : "s"}, ${sizeInWords(bytes)}`;
}

export function takenText({ snapshots }: TakenDocument): string {
  return snapshots.flatMap((row) => takenLines(row, snapshots.length > 1)).join("\n");
}

function takenLines(row: TakenRow, named: boolean): string[] {
  const where = named ? `${row.worktree}: ` : "";
  switch (row.outcome) {
    case "clean":
      return [`${where}nothing uncommitted: no snapshot is needed.`];
    case "unchanged":
      return [`${where}unchanged since the snapshot ${row.id}.`];
    case "failed":
      return [`${where}no snapshot could be taken: ${row.error}`];
    default:
      return [`${where}snapshot ${row.id}: ${filesInWords(row.files ?? 0, row.bytes ?? 0)}.`, ...remarks(row)];
  }
}

/** What the snapshot does not hold, or holds only in part. */
function remarks({
  left_out: left,
  conflicts,
  submodules,
}: Pick<TakenRow, "left_out" | "conflicts" | "submodules">): string[] {
  return [
    ...left.map(
      ({ path, because, bytes }) => `! not in it: ${path} (${because}${bytes > 0 ? `, ${sizeInWords(bytes)}` : ""})`,
    ),
    ...(conflicts.length > 0 ? [`! unfinished conflicts, kept as the files are now: ${conflicts.join(", ")}`] : []),
    ...submodules.map((path) => `! of the submodule ${path} only its commit is noted`),
  ];
}

export function listText({ snapshots }: SnapshotsDocument): string {
  if (snapshots.length === 0) return `No snapshots. Take one: ${typed("snapshot")}`;
  return formatTable([["snapshot", "taken", "files", "size", "branch", "worktree"], ...snapshots.map(cells)]);
}

function cells({ id, at, files, bytes, branch, worktree }: SnapshotRow): string[] {
  return [id, at.slice(0, 19).replace("T", " "), String(files), sizeInWords(bytes), branch ?? "(detached)", worktree];
}

const MARKS = { added: "A", modified: "M", deleted: "D", ignored: "!" } as const;

export function showText(document: SnapshotDocument): string {
  const { id, at, worktree, session, branch, head, cause, changes } = document;
  return [
    `Snapshot ${id}, ${at.slice(0, 19).replace("T", " ")} UTC (${cause})`,
    `${worktree}, ${branch ?? "detached"} at ${head?.slice(0, 12) ?? "no commit yet"}${session === null ? "" : `, ${session}`}`,
    ...changes.map(({ path, what }) => `${MARKS[what]} ${path}`),
    ...remarks(document),
    `Bring it back: ${typed(`snapshot restore ${id}`)}`,
  ].join("\n");
}

export function restoreText(document: RestoreDocument): string {
  const { snapshot, into, name, files, index, before, left_out: left, left_in_place: kept } = document;
  const lines =
    into === "branch"
      ? [`Branch ${name} has the files of snapshot ${snapshot}; nothing was checked out.`]
      : [`${files.length} file${files.length === 1 ? "" : "s"} of snapshot ${snapshot} written into ${name}.`];
  if (index === "restored") lines.push("What was staged is staged again.");
  if (index === "left") lines.push(`What was staged then is not staged now: HEAD or the index has moved on since.`);
  if (kept.length > 0) lines.push(`Deleted then, left in place now: ${kept.join(", ")}`);
  if (before !== null) lines.push(`As it was before: ${typed(`snapshot restore ${before} --here`)}`);
  return [...lines, ...remarks({ left_out: left, conflicts: [], submodules: [] })].join("\n");
}
