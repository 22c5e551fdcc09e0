import { expect, test } from "vitest";
import { createGitHubGround, pushDirectly } from "../support/github/ground.ts";
import { isMerge } from "../support/github/ship-ground.ts";

test("eight ships at once, each in its own worktree with its own pull request, stand in line and all land", async () => {
  const ground = await createGitHubGround();
  const { clone, repository, github } = ground;
  clone.git("switch", "-q", "-c", "elsewhere");
  const places = [];
  for (let n = 1; n <= 8; n++) {
    const place = clone.addWorktree(`w${n}`, `feat/${n}`, "main");
    place.commit(`work ${n}`);
    pushDirectly(place, repository, `feat/${n}`);
    await repository.openPull({ head: `feat/${n}` });
    places.push(place);
  }
  const before = places.map((place) => [place.branch(), place.head(), place.git("status", "--porcelain")]);
  const env = { GITHUB_TOKEN: ground.token };
  const ships = await Promise.all(places.map((place) => place.startBulkhead(["ship", "--wait"], { env }).finished));
  expect(ships.map(({ exitCode, stdout }) => [exitCode, stdout.split(" as ")[0]])).toEqual(
    places.map((_, index) => [0, `Pull request #${index + 1} is merged into main`]),
  );
  // Whoever had to wait was told for whom, or how many stand before it.
  const line = /Waiting for (another ship: pull request #\d into main|other ships: \d ahead)/;
  expect(ships.filter(({ stderr }) => line.test(stderr)).length).toBeGreaterThan(0);
  expect(github.requests.filter((request) => isMerge(request) && request.status === 200)).toHaveLength(8);
  expect(clone.git("rev-parse", "refs/heads/main")).toBe(await repository.bare.commitOf("refs/heads/main"));
  expect(await repository.bare.git(["for-each-ref", "--format=%(refname:short)", "refs/heads"])).toBe("main");
  expect(places.map((place) => [place.branch(), place.head(), place.git("status", "--porcelain")])).toEqual(before);
});
