/**
 * Whether a protect pattern names the branch. `*` stands for any text, also across slashes, exactly as in the
 * sh guard's `case`; nothing else is special.
 */
export function isProtected(branch: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => toExpression(pattern).test(branch));
}

function toExpression(pattern: string): RegExp {
  const parts = pattern.split("*").map((part) => part.replace(/[\\^$.|?+()[\]{}/-]/g, "\\$&"));
  return new RegExp(`^${parts.join("[^]*")}$`);
}

/** Whether the text can be a protect pattern: a branch name with `*` in it, so without blanks, quotes or brackets. */
export function isProtectPattern(text: string): boolean {
  return /^[^\s?[\\'"]+$/.test(text) && !text.startsWith("-");
}
