import { expect, test } from "vitest";
import { parseBranchName } from "../../src/domain/names.ts";
import type { ShipRequest } from "../../src/ship/facts.ts";
import { type Death, mortalShip } from "../support/github/mortal.ts";
import { createShipGround } from "../support/github/ship-ground.ts";
import { createStory, expectShipped } from "../support/github/story.ts";

/**
 * Every moment at which a ship may die: before it wrote anything, and after each thing that it wrote. Where nothing but
 * what another program did (a fetch, a push) stands between two writes, also before the second.
 */
function everyDeath(events: readonly string[]): Death[] {
  return events.flatMap((event, at): Death[] => {
    const before = at === 0 || event.replace(/ \w+$/, " started") === events[at - 1];
    return [...(before ? [{ at, side: "before" } as const] : []), { at, side: "after" }];
  });
}

/** The moments are shared out to several tests, so that each of them is short. */
const SHARES = 4;
/** Only what hangs takes as long, in milliseconds, also on a busy machine. */
const TIME_LIMIT = 900_000;

test.each(Array.from({ length: SHARES }, (_, share) => share))(
  "a ship that is killed at any moment is finished by the next: nothing is merged twice or deleted wrongly (%i)",
  async (share) => {
    const story = await createStory(true);
    const { ground, env, putBack } = story;
    const request: Partial<ShipRequest> = { push: true, target: { branch: parseBranchName("feat/x") } };
    const shipIt = (death: Death | null) => mortalShip(ground, ground.clone, request, death, env);
    const { ending, events } = await shipIt(null);
    expect(ending).toMatchObject({ result: { merge: { state: "merged" } } });
    await expectShipped(story, "unharmed");
    expect(new Set(events.map((event) => event.split(" ")[0]))).toEqual(new Set(["journal", "git", "github"]));
    for (const death of everyDeath(events).filter((_, index) => index % SHARES === share)) {
      const name = `${death.side} event ${death.at}: ${events[death.at]}`;
      putBack();
      const cut = await shipIt(death);
      expect([name, cut.ending, cut.events.length]).toEqual([name, null, death.at + (death.side === "after" ? 1 : 0)]);
      const next = await shipIt(null);
      expect([name, next.ending]).toMatchObject([name, { result: { merge: { state: "merged" } } }]);
      await expectShipped(story, name);
    }
  },
  TIME_LIMIT,
);

test(
  "a ship that is killed while it opens its pull request opens no second one, and none is merged twice",
  async () => {
    const create = { title: null, body: null, draft: false };
    for (let at = 0, more = true; more; at++) {
      const ground = await createShipGround();
      ground.work.git("switch", "-q", "-c", "feat/new", "main");
      const head = ground.work.commit("new");
      const cut = await mortalShip(ground, ground.work, { create }, { at, side: "after" });
      const about = cut.events.at(-1) ?? "";
      // Once its pull request is noted, the moments are those of every ship.
      more = cut.ending === null && about !== "journal create done";
      const next = await mortalShip(ground, ground.work, { create }, null);
      expect([about, next.ending]).toMatchObject([about, { result: { merge: { state: "merged" } } }]);
      const { pulls, bare } = ground.repository;
      expect([about, pulls.size, await bare.isAncestor(head, "refs/heads/main")]).toEqual([about, 2, true]);
      expect([about, await bare.git(["rev-list", "--count", "--merges", "refs/heads/main"])]).toEqual([about, "1"]);
    }
  },
  TIME_LIMIT,
);
