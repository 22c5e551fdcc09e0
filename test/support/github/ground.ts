import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { testEnvironment } from "../environment.ts";
import { TestRepository } from "../repository.ts";
import { onCleanup, scratchDirectory } from "../scratch.ts";
import type { DoubleRepository } from "./double-repository.ts";
import { type GitHubDouble, startGitHubDouble } from "./github-double.ts";

export interface GitHubGround {
  readonly github: GitHubDouble;
  readonly repository: DoubleRepository;
  /** A clone over HTTP, on `main`, with one commit pushed. */
  readonly clone: TestRepository;
  /** Holds everything, and the home directory. */
  readonly directory: string;
  /** Logs git in at the double; holds no `GITHUB_TOKEN`. */
  readonly env: NodeJS.ProcessEnv;
  /** Lets its owner write. */
  readonly token: string;
}

/** A GitHub double with the repository `acme/app`, and a clone of it, all of it gone after the test. */
export async function createGitHubGround(options: { git?: string } = {}): Promise<GitHubGround> {
  const directory = scratchDirectory();
  const home = join(directory, "home");
  mkdirSync(home);
  const env = testEnvironment(home, options.git);
  const github = await startGitHubDouble(join(directory, "github"), env);
  onCleanup(() => github.stop());
  const token = "ghp_testtoken0123456789";
  github.addToken(token);
  appendFileSync(join(home, ".gitconfig"), github.credentialConfig(token));
  const repository = await github.createRepository("acme", "app");
  const clone = seedClone(new TestRepository(directory, env), repository);
  return { github, repository, clone, directory, env, token };
}

/** What a clone over HTTP would give, made with a push along the file system: each test needs one. */
function seedClone(directory: TestRepository, repository: DoubleRepository): TestRepository {
  directory.git("init", "-q", "-b", "main", "clone");
  const clone = directory.at(join(directory.path, "clone"));
  clone.git("remote", "add", "origin", repository.cloneUrl);
  clone.commit("first", { "README.md": "first\n" });
  pushDirectly(clone, repository, "main");
  clone.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main");
  return clone;
}

/** Pushes a branch along the file system, past the server, and tracks it as a push through it would. */
export function pushDirectly(from: TestRepository, repository: DoubleRepository, branch: string): void {
  from.git("push", "-q", "--no-verify", repository.path, `refs/heads/${branch}:refs/heads/${branch}`);
  from.git("update-ref", `refs/remotes/origin/${branch}`, `refs/heads/${branch}`);
}
