import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import type * as Library from "../../src/index.ts";
import { createShipGround } from "../support/github/ship-ground.ts";

/** The built library, as a program imports it. */
const library = (): Promise<typeof Library> => import(pathToFileURL("dist/index.js").href);

test("ships from a program: plan, then execute", async () => {
  const { ShippingExecutor } = await library();
  const ground = await createShipGround();
  const env = { ...ground.env, GITHUB_TOKEN: ground.token };
  const executor = new ShippingExecutor({ repoPath: ground.work.path, expectedBranch: "feat/x", env });
  await executor.validateBranch();
  expect((await executor.plan()).steps.map((step) => step.state)).toEqual(Array(5).fill("planned"));
  expect((await executor.execute()).merge).toEqual({
    state: "merged",
    sha: await ground.repository.bare.commitOf("refs/heads/main"),
    before: false,
  });
});

test("throws the mismatch that its context's expectedBranch finds, and merges nothing", async () => {
  const { ShippingExecutor } = await library();
  const ground = await createShipGround();
  const env = { ...ground.env, GITHUB_TOKEN: ground.token };
  const executor = new ShippingExecutor({ repoPath: ground.clone.path, expectedBranch: "feat/x", prNumber: 1, env });
  const message =
    "Branch mismatch detected! Expected 'feat/x' but found 'main'. Another session may have switched the branch.";
  await expect(executor.validateBranch()).rejects.toThrow(message);
  await expect(executor.execute()).rejects.toMatchObject({ code: "BRANCH_MISMATCH", message });
  expect(ground.pull.state).toBe("open");
});
