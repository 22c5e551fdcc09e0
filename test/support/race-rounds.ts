/** How often races are run: a few times with every test run, a thousand times by `BULKHEAD_RACE_ROUNDS=1000`. */
export function raceRounds(usual: number): number {
  return Number(process.env.BULKHEAD_RACE_ROUNDS ?? usual);
}
