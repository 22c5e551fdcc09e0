/** Random choices that a seed repeats. */
export interface Random {
  /** A whole number from 0 on, below the limit. */
  below(limit: number): number;
  /** One of the things. @throws Error for none */
  pick<T>(things: readonly T[]): T;
}

/** mulberry32: small, and good enough for choosing what happens next. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return {
    below,
    pick: (things) => {
      const chosen = things[below(things.length)];
      if (chosen === undefined) throw new Error("nothing to choose from");
      return chosen;
    },
  };
}
