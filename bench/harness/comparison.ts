/** One of the things that are measured side by side. */
export interface Contender {
  readonly name: string;
  /** Does the thing once and returns what it took: milliseconds, or whatever the comparison's unit is. */
  sample(round: number): number | Promise<number>;
}

/** What a comparison must show: `of` is at most `most` times `than`. */
export interface Bar {
  readonly of: string;
  readonly than: string;
  readonly most: number;
}

/** Contenders that take turns, round by round, so that whatever else the machine does falls on all of them alike. */
export interface Comparison {
  readonly title: string;
  readonly contenders: readonly Contender[];
  readonly rounds: number;
  readonly bars: readonly Bar[];
  /** `ms` unless told. */
  readonly unit?: string;
  /**
   * Contender, for each contender, whose cost is taken off before bars are judged: what is left is the overhead.
   * Without it bars compare whole medians.
   */
  readonly baseline?: (name: string) => string;
}

/** What each file in `bench/` exports as `bench`. Repositories it makes are removed after it. */
export type Bench = () => Comparison[] | Promise<Comparison[]>;

export interface Row {
  readonly name: string;
  readonly median: number;
  /** Median of what a round cost above its baseline in the same round; absent for baselines. */
  readonly overhead?: number;
}

export interface JudgedBar extends Bar {
  readonly ratio: number;
  readonly passed: boolean;
}

export interface Outcome {
  readonly title: string;
  readonly unit: string;
  readonly rounds: number;
  readonly rows: readonly Row[];
  readonly bars: readonly JudgedBar[];
}

/** Rounds that are run and not counted: the first ones fill the caches of disk and system. */
const WARM_UP_ROUNDS = 2;

/** Runs every round of a comparison and judges its bars. */
export async function measure(comparison: Comparison): Promise<Outcome> {
  const { contenders, rounds } = comparison;
  const samples = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  for (let round = -WARM_UP_ROUNDS; round < rounds; round++) {
    for (const contender of rotated(contenders, round + WARM_UP_ROUNDS)) {
      const value = await contender.sample(round + WARM_UP_ROUNDS);
      if (round >= 0) samples.get(contender.name)?.push(value);
    }
  }
  return judge(comparison, samples);
}

/** Each contender is first as often as any other: none of them always follows the same one. */
function rotated<T>(items: readonly T[], by: number): T[] {
  const start = by % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}

/** Medians, overheads and bars of a comparison's samples. Pure. */
export function judge(comparison: Comparison, samples: ReadonlyMap<string, readonly number[]>): Outcome {
  const of = (name: string): readonly number[] => {
    const values = samples.get(name);
    if (values === undefined || values.length === 0) throw new Error(`'${name}' was not measured`);
    return values;
  };
  const rows = comparison.contenders.map(({ name }): Row => {
    const baseline = comparison.baseline?.(name) ?? name;
    if (baseline === name) return { name, median: median(of(name)) };
    const base = of(baseline);
    return {
      name,
      median: median(of(name)),
      overhead: median(of(name).map((value, round) => value - (base[round] ?? Number.NaN))),
    };
  });
  const cost = (name: string): number => {
    const row = rows.find((candidate) => candidate.name === name);
    if (row === undefined) throw new Error(`'${name}' was not measured`);
    return row.overhead ?? row.median;
  };
  const bars = comparison.bars.map((bar): JudgedBar => {
    const ratio = cost(bar.of) / cost(bar.than);
    // A peer that costs nothing, or less, proves nothing: such a ratio passes no bar.
    return { ...bar, ratio, passed: cost(bar.than) > 0 && ratio <= bar.most };
  });
  return { title: comparison.title, unit: comparison.unit ?? "ms", rounds: comparison.rounds, rows, bars };
}

/** @throws Error for no values */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  if (low === undefined || high === undefined) throw new Error("no values to take the median of");
  return (low + high) / 2;
}
