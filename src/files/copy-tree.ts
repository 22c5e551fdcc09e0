import {
  chmodSync,
  constants,
  copyFileSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
} from "node:fs";
import { join } from "node:path";

/**
 * Copies a directory as it is: links as links, with modes and times. What is a copy already is not copied again, so a
 * copy can be brought up to date. Sockets and pipes are left out: they hold nothing.
 * @returns how many files and links were copied
 */
export function copyTree(from: string, to: string): number {
  const stat = lstatSync(from);
  if (stat.isSymbolicLink()) return copyLink(from, to);
  if (stat.isDirectory()) {
    mkdirSync(to, { recursive: true });
    const copied = readdirSync(from).reduce((sum, name) => sum + copyTree(join(from, name), join(to, name)), 0);
    chmodSync(to, stat.mode & 0o7777);
    utimesSync(to, stat.atime, stat.mtime);
    return copied;
  }
  if (!stat.isFile()) return 0;
  const other = lstatSync(to, { throwIfNoEntry: false });
  if (other?.isFile() && other.size === stat.size && Math.abs(other.mtimeMs - stat.mtimeMs) < 1) return 0;
  rmSync(to, { force: true, recursive: true });
  copyFileSync(from, to, constants.COPYFILE_FICLONE);
  chmodSync(to, stat.mode & 0o7777);
  utimesSync(to, stat.atimeMs / 1000, stat.mtimeMs / 1000);
  return 1;
}

function copyLink(from: string, to: string): number {
  const target = readlinkSync(from);
  const other = lstatSync(to, { throwIfNoEntry: false });
  if (other?.isSymbolicLink() && readlinkSync(to) === target) return 0;
  rmSync(to, { force: true, recursive: true });
  symlinkSync(target, to);
  const { atime, mtime } = lstatSync(from);
  lutimesSync(to, atime, mtime);
  return 1;
}
