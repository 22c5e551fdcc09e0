/** Whether reading failed because there is no such file (or a part of its path is no directory). */
export function isMissingFile(fault: unknown): boolean {
  const code = fault instanceof Error && "code" in fault ? fault.code : undefined;
  return code === "ENOENT" || code === "ENOTDIR";
}
