import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { keptSnapshots } from "../../../src/snapshot/retention.ts";
import { BY_KEEPER } from "../../../src/snapshot/snapshot.ts";

const NOW = new Date("2026-03-20T12:00:00Z");

function ago(seconds: number, cause = BY_KEEPER) {
  return { at: new Date(NOW.getTime() - seconds * 1000).toISOString(), cause };
}

describe("which snapshots are kept", () => {
  it("one a minute for an hour, one an hour for a day, one a day for two weeks, the newest of each", () => {
    const twoWeeks = Array.from({ length: 15 * 24 * 60 * 2 }, (_, i) => ago(i * 30));
    const kept = keptSnapshots(twoWeeks, NOW);
    const within = (hours: number) =>
      kept.filter(({ at }) => NOW.getTime() - Date.parse(at) <= hours * 3_600_000).length;
    expect(within(1)).toBeGreaterThanOrEqual(60);
    expect(within(1)).toBeLessThanOrEqual(62);
    expect(within(24) - within(1)).toBeLessThanOrEqual(24);
    expect(kept.length - within(24)).toBeLessThanOrEqual(14);
    expect(kept.at(-1)?.at).toMatch(/^2026-03-0[67]/);
    expect(keptSnapshots(kept, NOW)).toEqual(kept);
  });

  it("what was taken on purpose outlives what comes later in the same minute", () => {
    const [keeper, before, older] = [ago(1), ago(20, "before git reset"), ago(25, "asked for")];
    expect(keptSnapshots([keeper, before, older, ago(30)], NOW)).toEqual([keeper, before, older]);
  });

  it("the newest stays, whatever the clocks say", () => {
    const ages = fc.array(fc.integer({ min: -100_000, max: 13 * 86_400 }), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(ages, (seconds) => {
        const list = seconds.sort((a, b) => a - b).map((age) => ago(age));
        const kept = keptSnapshots(list, NOW);
        expect(kept[0]).toEqual(list[0]);
        expect(kept.length).toBeLessThanOrEqual(list.filter(({ at }) => at > NOW.toISOString()).length + 62 + 26 + 16);
      }),
    );
  });
});
