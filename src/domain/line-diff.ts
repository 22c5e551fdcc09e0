/** Lines of an old text that gave way to lines of a new one. */
export interface Replaced {
  /** Index of the first old line, from 0. */
  readonly at: number;
  readonly removed: number;
  readonly added: readonly string[];
}

/** Edits beyond which two texts are not compared: they have little to do with each other. */
const MOST_EDITS = 2000;

/**
 * The shortest way from one list of lines to another (E. Myers, "An O(ND) Difference Algorithm", 1986); null where it is too
 * long. Pure.
 */
export function diffLines(before: readonly string[], after: readonly string[]): Replaced[] | null {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let [endBefore, endAfter] = [before.length, after.length];
  while (endBefore > start && endAfter > start && before[endBefore - 1] === after[endAfter - 1]) {
    endBefore--;
    endAfter--;
  }
  const trail = walk(before.slice(start, endBefore), after.slice(start, endAfter));
  return trail === null ? null : collect(trail, after, start);
}

type Step = readonly [x: number, y: number];

/** The corners of the shortest way through the grid of old (x) and new (y) lines. */
function walk(before: readonly string[], after: readonly string[]): Step[] | null {
  const [width, height] = [before.length, after.length];
  const rows: Map<number, number>[] = [];
  let reach = new Map([[1, 0]]);
  for (let edits = 0; edits <= Math.min(width + height, MOST_EDITS); edits++) {
    rows.push(reach);
    const next = new Map<number, number>();
    for (let k = -edits; k <= edits; k += 2) {
      let x = comesFromAbove(reach, k, edits) ? (reach.get(k + 1) ?? 0) : (reach.get(k - 1) ?? 0) + 1;
      while (x < width && x - k < height && before[x] === after[x - k]) x++;
      next.set(k, x);
      if (x >= width && x - k >= height) return retrace(rows, width, height);
    }
    reach = new Map([...reach, ...next]);
  }
  return null;
}

function comesFromAbove(reach: ReadonlyMap<number, number>, k: number, edits: number): boolean {
  return k === -edits || (k !== edits && (reach.get(k - 1) ?? 0) < (reach.get(k + 1) ?? 0));
}

function retrace(rows: readonly ReadonlyMap<number, number>[], width: number, height: number): Step[] {
  const steps: Step[] = [];
  let [x, y] = [width, height];
  for (let edits = rows.length - 1; edits > 0; edits--) {
    const reach = rows[edits] ?? new Map<number, number>();
    const k = x - y;
    const from = comesFromAbove(reach, k, edits) ? k + 1 : k - 1;
    const left = reach.get(from) ?? 0;
    steps.push([left, left - from], from > k ? [left, left - from + 1] : [left + 1, left - from]);
    [x, y] = [left, left - from];
  }
  return steps;
}

/** Joins single edits that touch each other. @param trail pairs of corners: before and after each edit, the last edit first */
function collect(trail: readonly Step[], after: readonly string[], start: number): Replaced[] {
  const replaced: { at: number; removed: number; added: string[]; endAfter: number }[] = [];
  for (let i = trail.length - 2; i >= 0; i -= 2) {
    const [[fromX, fromY], [toX, toY]] = [trail[i] ?? [0, 0], trail[i + 1] ?? [0, 0]];
    const last = replaced.at(-1);
    const touches = last !== undefined && last.at + last.removed === start + fromX && last.endAfter === fromY;
    const run = touches ? last : { at: start + fromX, removed: 0, added: [], endAfter: fromY };
    if (!touches) replaced.push(run);
    run.removed += toX - fromX;
    if (toY > fromY) run.added.push(after[start + fromY] ?? "");
    run.endAfter = toY;
  }
  return replaced.map(({ at, removed, added }) => ({ at, removed, added }));
}
