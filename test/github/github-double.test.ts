import { describe, expect, test } from "vitest";
import { FAULTS } from "../support/github/faults.ts";
import { createGitHubGround, type GitHubGround } from "../support/github/ground.ts";

/** One API request with the ground's token. */
async function api(ground: GitHubGround, method: string, path: string, body?: unknown, token = ground.token) {
  const response = await fetch(`${ground.github.apiUrl}/repos/acme/app${path}`, {
    method,
    headers: { authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, json: text === "" ? null : JSON.parse(text) };
}

/** A branch with one commit, pushed, with a pull request. */
async function pushedPull(ground: GitHubGround, branch = "feat/x") {
  ground.clone.git("switch", "-q", "-c", branch);
  const sha = ground.clone.commit("work", { "work.txt": "work\n" });
  await ground.clone.gitAsync("push", "-q", "origin", `refs/heads/${branch}:refs/heads/${branch}`);
  return { sha, pull: await ground.repository.openPull({ head: branch, title: "Do the work" }) };
}

describe("git over HTTP", () => {
  test("a push arrives in the bare repository and a fetch brings it to another clone", async () => {
    const ground = await createGitHubGround();
    const { sha } = await pushedPull(ground);
    expect(await ground.repository.bare.commitOf("refs/heads/feat/x")).toBe(sha);
    await ground.clone.gitAsync("clone", "-q", ground.repository.cloneUrl, "../other");
    expect(ground.clone.at(`${ground.directory}/other`).git("rev-parse", "refs/remotes/origin/feat/x")).toBe(sha);
  });

  test("nobody without a token sees a private repository", async () => {
    const ground = await createGitHubGround();
    const env = { GIT_CONFIG_GLOBAL: "/dev/null" };
    const { exitCode } = await ground.clone.start("git", ["ls-remote", "origin"], { env }).finished;
    expect(exitCode).toBe(128);
  });

  test("a token that may only read cannot push", async () => {
    const ground = await createGitHubGround();
    ground.github.addToken(ground.token, { access: "read" });
    await expect(ground.clone.gitAsync("push", "origin", "HEAD:refs/heads/new")).rejects.toThrow("403");
    expect(await ground.repository.bare.commitOf("refs/heads/new")).toBeNull();
  });
});

describe("merging", () => {
  test.each(["merge", "squash", "rebase"] as const)("by %s makes real commits on the base", async (method) => {
    const ground = await createGitHubGround();
    const { sha } = await pushedPull(ground);
    const { status, json } = await api(ground, "PUT", "/pulls/1/merge", { sha, merge_method: method });
    expect(status).toBe(200);
    await ground.clone.gitAsync("fetch", "-q", "origin");
    expect(ground.clone.git("rev-parse", "refs/remotes/origin/main")).toBe(json.sha);
    expect(ground.clone.git("show", `${json.sha}:work.txt`)).toBe("work");
    const parents = ground.clone.git("rev-list", "--parents", "-1", json.sha).split(" ").length - 1;
    expect(parents).toBe(method === "merge" ? 2 : 1);
    const merged = await api(ground, "GET", "/pulls/1");
    expect(merged.json).toMatchObject({ merged: true, state: "closed", merge_commit_sha: json.sha });
    expect((await api(ground, "GET", "/pulls/1/merge")).status).toBe(204);
  });

  test("is refused with 409 when the head is another commit", async () => {
    const ground = await createGitHubGround();
    await pushedPull(ground);
    const { status, json } = await api(ground, "PUT", "/pulls/1/merge", { sha: "0".repeat(40) });
    expect([status, json.message]).toEqual([409, "Head branch was modified. Review and try the merge again."]);
  });

  test("is refused with 405 for a draft, a conflict, a required check and a method that is not allowed", async () => {
    const ground = await createGitHubGround();
    const { pull, sha } = await pushedPull(ground);
    const refusal = async () => {
      const { status, json } = await api(ground, "PUT", "/pulls/1/merge", { sha });
      return `${status} ${json.message}`;
    };
    pull.draft = true;
    expect(await refusal()).toBe("405 Pull Request is still a draft");
    pull.draft = false;
    ground.repository.settings.allowMerge = false;
    expect(await refusal()).toBe("405 Merge commits are not allowed on this repository.");
    ground.repository.settings.allowMerge = true;
    ground.repository.protect("main", { via: "classic", requiredChecks: ["ci"] });
    expect(await refusal()).toBe('405 Required status check "ci" is expected.');
    ground.repository.demands.clear();
    ground.clone.git("switch", "-q", "main");
    ground.clone.commit("clash", { "work.txt": "other\n" });
    await ground.clone.gitAsync("push", "-q", "origin", "main");
    expect(await refusal()).toBe("405 Pull Request is not mergeable");
    expect((await api(ground, "GET", "/pulls/1")).json).toMatchObject({ mergeable: false, mergeable_state: "dirty" });
  });

  test("that loses its answer has happened all the same", async () => {
    const ground = await createGitHubGround();
    const { sha } = await pushedPull(ground);
    ground.github.inject(FAULTS.mergeAnswerLost());
    await expect(api(ground, "PUT", "/pulls/1/merge", { sha })).rejects.toThrow();
    expect((await api(ground, "PUT", "/pulls/1/merge", { sha })).status).toBe(405);
    expect((await api(ground, "GET", "/pulls/1")).json.merged).toBe(true);
  });
});

test("a wrong token is told so; every request is logged with its answer", async () => {
  const ground = await createGitHubGround();
  expect((await api(ground, "GET", "", undefined, "wrong")).json.message).toBe("Bad credentials");
  await api(ground, "GET", "");
  await api(ground, "GET", "/no/such/thing");
  expect(ground.github.requests).toEqual([
    { method: "GET", path: "/repos/acme/app", status: 401 },
    { method: "GET", path: "/repos/acme/app", status: 200 },
    { method: "GET", path: "/repos/acme/app/no/such/thing", status: 404 },
  ]);
});

test("deleting a branch closes the pull requests on it, and answers 422 the second time", async () => {
  const ground = await createGitHubGround();
  await pushedPull(ground, "parent");
  ground.clone.git("switch", "-q", "-c", "child");
  ground.clone.commit("more");
  await ground.clone.gitAsync("push", "-q", "origin", "child");
  await ground.repository.openPull({ head: "child", base: "parent" });
  expect((await api(ground, "DELETE", "/git/refs/heads/parent")).status).toBe(204);
  expect((await api(ground, "GET", "/pulls/2")).json.state).toBe("closed");
  expect((await api(ground, "DELETE", "/git/refs/heads/parent")).status).toBe(422);
});
