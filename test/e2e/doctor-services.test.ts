import { expect, test } from "vitest";
import { createGitHubGround } from "../support/github/ground.ts";

interface Document {
  readonly protected: boolean;
  readonly checks: readonly { readonly name: string; readonly state: string; readonly detail: string }[];
}

/** Asynchronous, because the double answers from this very process. */
async function examine(setUp: (ground: Awaited<ReturnType<typeof createGitHubGround>>) => NodeJS.ProcessEnv) {
  const ground = await createGitHubGround();
  const env = { ...ground.env, GITHUB_API_URL: ground.github.apiUrl, ...setUp(ground) };
  await ground.clone.startBulkhead(["init"], { env }).finished;
  const { exitCode, stdout } = await ground.clone.startBulkhead(["doctor", "--json"], { env }).finished;
  const document = JSON.parse(stdout) as Document;
  return { exitCode, stdout, check: document.checks.find(({ name }) => name === "GitHub"), document };
}

test("doctor says that the token may push, and never shows it", async () => {
  const { exitCode, check, stdout } = await examine(({ token }) => ({ GITHUB_TOKEN: token }));
  expect(check).toMatchObject({ state: "ok", detail: expect.stringContaining("acme/app") });
  expect(stdout).not.toContain("ghp_testtoken");
  expect(exitCode).toBe(0);
});

test("a token that may only read is a warning: the guard does not need it", async () => {
  const { exitCode, check } = await examine(({ github }) => {
    github.addToken("ghp_readonly", { access: "read" });
    return { GITHUB_TOKEN: "ghp_readonly" };
  });
  expect(check).toMatchObject({ state: "warning", detail: expect.stringContaining("not push") });
  expect(exitCode).toBe(0);
});

test("a wrong token is a warning with GitHub's own answer", async () => {
  const { exitCode, check, stdout } = await examine(() => ({ GITHUB_TOKEN: "ghp_wrong" }));
  expect(check?.state).toBe("warning");
  expect(stdout).not.toContain("ghp_wrong");
  expect(exitCode).toBe(0);
});
