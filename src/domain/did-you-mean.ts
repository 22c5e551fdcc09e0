/** What a wrong word was probably meant to be. */

/** At most so many slips of the fingers, and fewer than half the letters. */
const MAX_SLIPS = 2;

/** The known word nearest to a wrong one, or null where none is near. */
export function nearestWord(wrong: string, known: Iterable<string>): string | null {
  let best: string | null = null;
  let least = Math.min(MAX_SLIPS, Math.floor((wrong.length - 1) / 2)) + 1;
  for (const word of known) {
    const count = word.startsWith(wrong) && wrong.length >= 3 ? 1 : slips(wrong.toLowerCase(), word.toLowerCase());
    if (count < least) [best, least] = [word, count];
  }
  return best;
}

/** ` Did you mean 'status'?`, or nothing: follows a sentence that names the wrong word. */
export function didYouMean(wrong: string, known: Iterable<string>): string {
  const word = nearestWord(wrong, known);
  return word === null ? "" : ` Did you mean '${word}'?`;
}

/** Letters left out, added, exchanged or swapped with their neighbour (optimal string alignment). */
function slips(a: string, b: string): number {
  let [before, last] = [[] as number[], Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const at = (line: number[], k: number) => line[k] ?? Number.POSITIVE_INFINITY;
      row[j] = Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + (same ? 0 : 1));
      if (swapped) row[j] = Math.min(at(row, j), at(before, j - 2) + 1);
    }
    [before, last] = [last, row];
  }
  return last[b.length] ?? 0;
}
