/**
 * How much of two texts is the same, by their lines: 0 for nothing, 1 for all. Lines that say nothing do not count, and order
 * does not. Pure.
 */
export function likeness(a: string, b: string): number {
  const [mine, theirs] = [lines(a), lines(b)];
  if (mine.size === 0 || theirs.size === 0) return 0;
  let shared = 0;
  for (const line of mine) if (theirs.has(line)) shared++;
  return (2 * shared) / (mine.size + theirs.size);
}

function lines(text: string): Set<string> {
  return new Set(
    text
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => /\w/.test(line)),
  );
}
