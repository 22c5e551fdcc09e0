/** Text edits of git configuration files. Pure; whatever else stands in the file is kept byte for byte. */

/** The lines that switch the guard on: an include, because what stands later in a config file wins. */
export function includeBlock(path: string): string {
  return `[include]\n\tpath = ${quoteConfigValue(path)}\n`;
}

/** The file with the include as its last section. Unchanged when it stands there already. */
export function withInclude(content: string, path: string): string {
  const block = includeBlock(path);
  const without = withoutInclude(content, path);
  if (
    content.endsWith(block) ||
    (content.includes(block) && !/hookspath/i.test(content.slice(content.indexOf(block))))
  ) {
    return content;
  }
  return without === "" || without.endsWith("\n") ? without + block : `${without}\n${block}`;
}

/** The file without the include. */
export function withoutInclude(content: string, path: string): string {
  return content.replace(includeBlock(path), "");
}

/** The config file that the include names. */
export function hooksPathConfig(hooksDirectory: string): string {
  return [
    "# Written by `bulkhead init`: makes git run Bulkhead's hooks in every worktree of this clone.",
    "[core]",
    `\thooksPath = ${quoteConfigValue(hooksDirectory)}`,
    "",
  ].join("\n");
}

/** A value in git's config syntax (https://git-scm.com/docs/git-config#_syntax): quoted where it has to be. */
function quoteConfigValue(value: string): string {
  if (/^[A-Za-z0-9_./:@+-]+$/.test(value)) return value;
  return `"${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n").replaceAll("\t", "\\t")}"`;
}
