import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { pushDirectly } from "../support/github/ground.ts";
import {
  createShipGround,
  isMerge,
  runShip,
  type ShipGround,
  shipped,
  startShip,
} from "../support/github/ship-ground.ts";

const merges = (ground: ShipGround) => ground.github.requests.filter((r) => isMerge(r) && r.status === 200).length;
const remoteTip = (ground: ShipGround, branch: string) => ground.repository.bare.commitOf(`refs/heads/${branch}`);

/** Files of the ships in the common git directory, as `<base>/<file>`. */
function shipFiles(ground: ShipGround): string[] {
  const ships = join(ground.clone.path, ".git/bulkhead/ship");
  return readdirSync(ships).flatMap((base) => readdirSync(join(ships, base)).map((file) => join(ships, base, file)));
}

/** Ends a ship by SIGKILL at its merge, before or after GitHub did it; the answer never arrives. */
async function killAtMerge(ground: ShipGround, acts: boolean): Promise<void> {
  const ship = startShip(ground, ground.work, []);
  ground.github.inject({ on: /PUT .*merge$/, acts, answer: "drop", after: () => ship.child.kill("SIGKILL") });
  expect((await ship.finished).exitCode).toBeNull();
}

test("a ship that was killed after its merge is finished by the next, which merges nothing", async () => {
  const ground = await createShipGround();
  await killAtMerge(ground, true);
  expect(shipFiles(ground).map((file) => file.replace(/.*\//, ""))).toEqual(["lock.1", "pull-1.json"]);
  const { exitCode, json } = await runShip(ground, ground.work);
  expect([exitCode, json.merge.state, json.merge.before, json.sync.state]).toEqual([0, "merged", true, "updated"]);
  expect(await remoteTip(ground, "feat/x")).toBeNull();
  expect(ground.clone.git("rev-list", "--count", "--merges", "refs/heads/main")).toBe("1");
  const [journal = ""] = shipFiles(ground);
  expect(JSON.parse(readFileSync(journal, "utf8"))).toMatchObject({ pull: 1, finishedAt: expect.any(String) });
});

test("a ship that was killed before its merge is done again from the start", async () => {
  const ground = await createShipGround();
  await killAtMerge(ground, false);
  expect(ground.pull.state).toBe("open");
  const { exitCode, json } = await runShip(ground, ground.work);
  expect([exitCode, json.merge.state, json.merge.before]).toEqual([0, "merged", false]);
  expect(merges(ground)).toBe(1);
});

test("the next ship of another pull request finishes the one that was killed too", async () => {
  const ground = await createShipGround();
  const other = ground.clone.addWorktree("other", "feat/y", "main");
  other.commit("other", { "other.txt": "other\n" });
  pushDirectly(other, ground.repository, "feat/y");
  await ground.repository.openPull({ head: "feat/y" });
  await killAtMerge(ground, true);
  const { exitCode, json } = await runShip(ground, other);
  expect([exitCode, json.pr?.number]).toEqual([0, 2]);
  expect([await remoteTip(ground, "feat/x"), await remoteTip(ground, "feat/y")]).toEqual([null, null]);
});

test("a ship that was told to keep the branch is finished so, though killed", async () => {
  const ground = await createShipGround();
  const ship = startShip(ground, ground.work, ["--keep-branch"]);
  ground.github.inject({ on: /PUT .*merge$/, acts: true, answer: "drop", after: () => ship.child.kill("SIGKILL") });
  await ship.finished;
  expect((await runShip(ground, ground.work)).exitCode).toBe(0);
  expect(await remoteTip(ground, "feat/x")).toBe(ground.sha);
});

test("while one ship is at work on a base a second is refused, and says by whom", async () => {
  const ground = await createShipGround();
  let second: ReturnType<typeof shipped> | undefined;
  ground.github.inject({
    on: /PUT .*merge$/,
    before: async () => {
      second = await runShip(ground, ground.work);
    },
  });
  const first = startShip(ground, ground.work, []);
  expect(shipped(await first.finished)).toMatchObject({ exitCode: 0, json: { merge: { state: "merged" } } });
  expect([second?.exitCode, second?.json.error?.code]).toEqual([1, "SHIP_IN_PROGRESS"]);
  expect(second?.json.error?.data).toMatchObject({ pid: first.child.pid, what: "pull request #1 into main" });
  expect(merges(ground)).toBe(1);
});

test("four ships at once merge once, and none of them breaks anything", async () => {
  const ground = await createShipGround();
  const ships = await Promise.all([1, 2, 3, 4].map(() => startShip(ground, ground.work, []).finished));
  const exitCodes = ships.map((ship) => ship.exitCode);
  expect(exitCodes).toContain(0);
  expect(exitCodes.every((code) => code === 0 || code === 1)).toBe(true);
  expect(merges(ground)).toBe(1);
  expect(ground.clone.git("rev-parse", "refs/heads/main")).toBe(await remoteTip(ground, "main"));
  expect(shipFiles(ground).map((file) => file.replace(/.*\//, ""))).toEqual(["pull-1.json"]);
});
