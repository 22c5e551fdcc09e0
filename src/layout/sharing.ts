/**
 * Who besides its owner may use the files that Bulkhead keeps in a clone: whoever git lets use the clone's own files
 * (`core.sharedRepository`, https://git-scm.com/docs/git-config#Documentation/git-config.txt-coresharedRepository).
 */
import { chmodSync, chownSync, lstatSync, mkdirSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { writeFileAtomically } from "../files/atomic-write.ts";
import { listNames, readLine, readText } from "../files/read-file.ts";

const PRIVATE = 0o600;
/** New files in a shared directory get its group. */
const SET_GROUP = 0o2000;

/** The mode of a file that a clone's users share; 0600 in a clone that is one user's. Unreadable configuration shares nothing. */
export function sharedFileMode(commonDir: string): number {
  try {
    return parseSharedRepository(readText(join(commonDir, "config")) ?? "");
  } catch {
    return PRIVATE;
  }
}

/** The file mode that a clone's configuration asks for. git, too, reads it from there alone. Pure. */
export function parseSharedRepository(config: string): number {
  let section = "";
  let value = "false";
  for (const line of config.split("\n")) {
    const header = /^\s*\[([^\]]*)\]/.exec(line);
    const setting = line.slice(header?.[0].length ?? 0);
    if (header !== null) section = (header[1] ?? "").trim().toLowerCase();
    const found = /^\s*sharedrepository\s*(?:=\s*"?([^"#;]*?)"?\s*)?(?:[#;].*)?$/i.exec(setting);
    if (section === "core" && found !== null) value = (found[1] ?? "true").toLowerCase();
  }
  if (/^(true|yes|on|group|1)$/.test(value)) return 0o660;
  if (/^(all|world|everybody|2)$/.test(value)) return 0o664;
  return /^0[0-7]{3}$/.test(value) ? (Number.parseInt(value, 8) & 0o666) | PRIVATE : PRIVATE;
}

/** The git directory that all worktrees share, from one worktree's own. */
export function commonDirectoryOf(gitDir: string): string {
  const note = readLine(join(gitDir, "commondir"));
  return note === null ? gitDir : resolve(gitDir, note);
}

/**
 * Writes a file that all users of the clone share.
 * @throws BulkheadError `FILE_FAILED`
 */
export function writeSharedFile(path: string, content: string, commonDir: string): void {
  const mode = sharedFileMode(commonDir);
  makeSharedDirectory(dirname(path), mode);
  writeFileAtomically(path, content, mode, "overrule umask");
}

/** Makes a directory, with those above it that are missing, for the users that a file mode lets in. */
export function makeSharedDirectory(path: string, fileMode: number): void {
  const first = mkdirSync(path, { recursive: true });
  if (first !== undefined && fileMode !== PRIVATE) share(path, fileMode);
}

/** Opens everything below a directory to the users that the clone is shared with; what is another user's stays as it is. */
export function shareTree(root: string, commonDir: string): void {
  const mode = sharedFileMode(commonDir);
  if (mode === PRIVATE) return;
  share(root, mode);
  for (const name of listNames(root)) {
    const path = join(root, name);
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found?.isDirectory()) shareTree(path, commonDir);
    else if (found?.isFile()) share(path, mode);
  }
}

/** Adds the bits of a file mode to a path. */
export function share(path: string, fileMode: number): void {
  try {
    const found = statSync(path);
    const enter = (fileMode & 0o444) >> 2;
    const more = found.isDirectory() ? fileMode | enter | SET_GROUP : fileMode | (found.mode & 0o100 ? enter : 0);
    if ((found.mode & more) !== more) chmodSync(path, (found.mode & 0o7777) | more);
  } catch {
    // Another user's: only that user can open it further.
  }
}

/** Gives what root has made in a user's clone to that user, who could not write it otherwise. */
export function giveToOwner(path: string): void {
  try {
    const { uid, gid } = statSync(dirname(path));
    if (process.getuid?.() === 0 && uid !== 0) chownSync(path, uid, gid);
  } catch {
    return;
  }
}
