import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo, connect as connectTo, type Socket } from "node:net";
import { delimiter, join } from "node:path";
import { describe, expect, test } from "vitest";
import type { ShipRequest } from "../../src/ship/facts.ts";
import type { ShipResult } from "../../src/ship/result.ts";
import { createGitHubGround, type GitHubGround } from "../support/github/ground.ts";
import { overSsh } from "../support/github/local-ssh.ts";
import { mortalShip } from "../support/github/mortal.ts";
import { createShipGround } from "../support/github/ship-ground.ts";
import type { TestRepository } from "../support/repository.ts";
import { onCleanup } from "../support/scratch.ts";

/** Ships in this process: the result, or the error's code. */
async function shipAt(
  ground: GitHubGround,
  at: TestRepository,
  request: Partial<ShipRequest>,
  env: NodeJS.ProcessEnv,
): Promise<ShipResult | string> {
  const { ending } = await mortalShip(ground, at, request, null, env);
  if (ending === null) throw new Error("nobody killed it");
  return "result" in ending ? ending.result : `${ending.code}: ${ending.message}`;
}

const MERGED = { merge: { state: "merged" } };

describe("a remote's address", () => {
  test.each([
    "git@gh-work:acme/app",
    "gh-work:acme/app.git",
    "ssh://git@ssh.github.com:443/acme/app.git",
    "ssh://git@www.github.com/acme/app.git/",
    "ssh://gh-work:22/acme/app/",
  ])("by ssh is followed to the host behind it: %s", async (url) => {
    const ground = await createShipGround();
    const env = overSsh(ground);
    ground.clone.git("remote", "set-url", "origin", url);
    expect(await shipAt(ground, ground.work, {}, env)).toMatchObject(MERGED);
  });

  test("by ssh of a host that is none of GitHub's is told with remote, host and only variables that would be read", async () => {
    const ground = await createShipGround();
    const { GITHUB_API_URL: _, ...env } = overSsh(ground);
    ground.clone.git("remote", "set-url", "origin", "git@elsewhere:acme/app.git");
    const told = await shipAt(ground, ground.work, {}, { ...env, PATH: `${env.PATH}`, GIT_CONFIG_GLOBAL: "/dev/null" });
    expect(told).toMatch(
      /^GITHUB_NO_TOKEN: There is no GitHub token for elsewhere, to which the remote 'origin' leads/,
    );
  });

  test("is rewritten by insteadOf, as git does", async () => {
    const ground = await createShipGround();
    ground.clone.git("config", `url.${ground.github.url}/.insteadOf`, "hub:");
    ground.clone.git("remote", "set-url", "origin", "hub:acme/app.git");
    expect(await shipAt(ground, ground.work, {}, {})).toMatchObject(MERGED);
  });

  test.each([
    ["pushurl", (clone: TestRepository, fork: string) => clone.git("remote", "set-url", "--push", "origin", fork)],
    [
      "pushInsteadOf",
      (clone: TestRepository, fork: string, own: string) => clone.git("config", `url.${fork}.pushInsteadOf`, own),
    ],
  ])(
    "for pushes is another where %s says so: the head lies there, and nothing is pushed to the base's repository",
    async (_, set) => {
      const ground = await createGitHubGround();
      const { repository, clone, github } = ground;
      const fork = await github.createRepository("ada", "app", repository);
      set(clone, fork.cloneUrl, repository.cloneUrl);
      const work = clone.addWorktree("work", "feat/x");
      const sha = work.commit("work");
      const shipped = await shipAt(ground, work, { create: { title: null, body: null, draft: false } }, {});
      expect(shipped).toMatchObject(MERGED);
      expect(repository.pulls.get(1)?.headRepository.fullName).toBe("ada/app");
      expect([
        await repository.bare.commitOf("refs/heads/feat/x"),
        await fork.bare.commitOf("refs/heads/feat/x"),
      ]).toEqual([null, sha]);
      // A second ship of the same head finds it merged, and opens nothing.
      expect(await shipAt(ground, work, {}, {})).toMatchObject(MERGED);
      expect(repository.pulls.size).toBe(1);
    },
  );

  test.each([
    ["remote.pushDefault", (clone: TestRepository) => clone.git("config", "remote.pushDefault", "fork")],
    ["branch.<b>.pushRemote", (clone: TestRepository) => clone.git("config", "branch.feat/x.pushRemote", "fork")],
    [
      "branch.<b>.remote as an address",
      (clone: TestRepository, url: string) => {
        clone.git("config", "branch.feat/x.remote", url);
        clone.git("config", "branch.feat/x.merge", "refs/heads/feat/x");
      },
    ],
  ])("of the head is found by %s", async (_, set) => {
    const ground = await createGitHubGround();
    const { repository, clone, github } = ground;
    const fork = await github.createRepository("ada", "app", repository);
    clone.git("remote", "add", "fork", fork.cloneUrl);
    const work = clone.addWorktree("work", "feat/x");
    set(clone, fork.cloneUrl);
    work.commit("work");
    await fork.bare.git(["fetch", "-q", work.path, "refs/heads/feat/x:refs/heads/feat/x"]);
    await repository.openPull({ head: "feat/x", from: fork });
    const head = work.commit("more");
    expect(await shipAt(ground, work, {}, {})).toMatch(/^SHIP_NOT_PUSHED/);
    expect(await shipAt(ground, work, { push: true }, {})).toMatchObject(MERGED);
    expect(await fork.bare.commitOf("refs/heads/feat/x")).toBe(head);
    expect(await repository.bare.commitOf("refs/heads/feat/x")).toBeNull();
  });
});

/** A proxy that tunnels, and counts. */
async function startProxy(): Promise<{ url: string; tunnels: string[] }> {
  const tunnels: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((_, response) => response.writeHead(501).end());
  server.on("connect", (request, client: Socket) => {
    tunnels.push(request.url ?? "");
    const [host = "", port = ""] = (request.url ?? "").split(":");
    const upstream = connectTo(Number(port), host, () => {
      client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      upstream.pipe(client);
      client.pipe(upstream);
    });
    for (const socket of [client, upstream]) sockets.add(socket.on("error", () => {}));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onCleanup(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, tunnels };
}

test("a proxy is gone through, unless NO_PROXY names the host", async () => {
  const ground = await createShipGround();
  const { url, tunnels } = await startProxy();
  const env = { ...overSsh(ground), HTTP_PROXY: url };
  const plan = { dryRun: true };
  expect(await shipAt(ground, ground.work, plan, { ...env, NO_PROXY: "127.0.0.1" })).toMatchObject({ dryRun: true });
  expect(tunnels).toEqual([]);
  expect(await shipAt(ground, ground.work, {}, env)).toMatchObject(MERGED);
  expect(new Set(tunnels)).toEqual(new Set([new URL(ground.github.url).host]));
});

/** A `gh` that hands out whatever token a file holds. */
function ghWith(ground: GitHubGround): { bin: string; give: (token: string) => void } {
  const bin = join(ground.directory, "gh-bin");
  mkdirSync(bin);
  writeFileSync(join(bin, "gh"), `#!/bin/sh\nexec cat '${join(bin, "token")}'\n`);
  chmodSync(join(bin, "gh"), 0o755);
  const give = (token: string) => writeFileSync(join(bin, "token"), `${token}\n`);
  give(ground.token);
  return { bin, give };
}

describe("a token that expires while a ship waits", () => {
  /** The third look at the checks meets the end of the token. */
  function expire(ground: GitHubGround, act: () => void): void {
    ground.github.inject({
      on: /^QUERY \/graphql\/details$/,
      skip: 2,
      before: () => {
        ground.github.dropToken(ground.token);
        act();
      },
    });
  }

  async function waiting() {
    const ground = await createShipGround();
    ground.repository.protect("main", { via: "ruleset", requiredChecks: ["ci"] });
    ground.repository.addCheck(ground.sha, { name: "ci", pendingReads: 5 });
    const gh = ghWith(ground);
    const ssh = overSsh(ground);
    return { ground, give: gh.give, env: { ...ssh, GITHUB_TOKEN: "", PATH: `${gh.bin}${delimiter}${ssh.PATH}` } };
  }

  test("is asked for once more, and the ship goes on with the new one", async () => {
    const { ground, give, env } = await waiting();
    expire(ground, () => {
      ground.github.addToken("ghp_new");
      give("ghp_new");
    });
    expect(await shipAt(ground, ground.work, { waitMs: 600_000 }, env)).toMatchObject(MERGED);
    expect(ground.github.requests.filter(({ status }) => status === 401)).toHaveLength(1);
  });

  test("and has no successor ends it, with the token out of the text and nothing merged", async () => {
    const { ground, env } = await waiting();
    expire(ground, () => {});
    const told = await shipAt(ground, ground.work, { waitMs: 600_000 }, env);
    expect(told).toMatch(/^GITHUB_BAD_TOKEN/);
    expect(told).not.toContain(ground.token);
    expect(ground.github.requests.filter(({ status }) => status === 401)).toHaveLength(1);
    expect(ground.pull.state).toBe("open");
  });
});

describe("a limit that is longer than a ship waits", () => {
  test("is told with the seconds that are left, by GitHub's clock where this one is wrong", async () => {
    const ground = await createShipGround();
    const theirs = Date.now() + 3_600_000;
    ground.github.inject({
      on: /^QUERY/,
      answer: {
        status: 403,
        message: "API rate limit exceeded for user ID 1.",
        headers: {
          date: new Date(theirs).toUTCString(),
          "x-ratelimit-remaining": "0",
          "x-ratelimit-reset": String(Math.floor(theirs / 1000) + 90),
        },
      },
    });
    const { exitCode, stdout } = await ground.work.startBulkhead(["ship", "--json"], {
      env: { GITHUB_TOKEN: ground.token },
    }).finished;
    const { error } = JSON.parse(stdout) as {
      error: { code: string; hint: string; data: { retryAfterSeconds: number } };
    };
    expect([exitCode, error.code]).toEqual([3, "GITHUB_RATE_LIMITED"]);
    expect(error.data.retryAfterSeconds).toBeGreaterThanOrEqual(89);
    expect(error.data.retryAfterSeconds).toBeLessThanOrEqual(91);
  });

  test("is told with the seconds that a secondary limit names", async () => {
    const ground = await createShipGround();
    const headers = { "retry-after": "120" };
    ground.github.inject({ on: /^PUT .*merge$/, answer: { status: 429, message: "secondary rate limit", headers } });
    expect(await shipAt(ground, ground.work, {}, {})).toMatch(/^GITHUB_RATE_LIMITED/);
    expect(await shipAt(ground, ground.work, {}, {})).toMatchObject(MERGED);
  });
});

test("a submodule with another commit than the branch's is a change that is not committed", async () => {
  const ground = await createShipGround();
  const { work, clone, directory } = ground;
  const always = ["-c", "protocol.file.allow=always"];
  clone.git("init", "-q", "-b", "main", "../library");
  const library = clone.at(join(directory, "library"));
  library.commit("one");
  work.git(...always, "submodule", "--quiet", "add", library.path, "lib");
  work.commit("with the library", {});
  const request = { push: true, keepBranch: true };
  work.git("-C", "lib", "commit", "-q", "--allow-empty", "-m", "own");
  expect(await shipAt(ground, work, request, {})).toMatch(/^SHIP_DIRTY: .*: lib\./);
  work.git("-C", "lib", "reset", "-q", "--hard", "HEAD~1");
  // A file in it that nobody tracks is none.
  work.write("lib/notes.txt", "mine\n");
  expect(await shipAt(ground, work, request, {})).toMatchObject(MERGED);
});
