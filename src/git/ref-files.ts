import { join } from "node:path";
import { readText } from "../files/read-file.ts";
import { readGitFile } from "./operation.ts";

/**
 * What a ref of the clone names, read without a process: from its own file, else from `packed-refs`.
 * @returns null where neither tells: there is no such ref, or the repository keeps refs in another way (reftable)
 */
export function readRefFiles(commonDir: string, ref: string): string | null {
  const loose = readGitFile(commonDir, ref);
  if (loose !== null) return loose;
  const packed = readText(join(commonDir, "packed-refs")) ?? "";
  const end = packed.indexOf(` ${ref}\n`);
  return end < 0 ? null : packed.slice(packed.lastIndexOf("\n", end) + 1, end);
}
