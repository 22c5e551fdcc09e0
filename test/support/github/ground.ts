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
  const clone = await seedClone(new TestRepository(directory, env), repository);
  return { github, repository, clone, directory, env, token };
}

async function seedClone(directory: TestRepository, repository: DoubleRepository): Promise<TestRepository> {
  await directory.gitAsync("clone", "-q", repository.cloneUrl, "clone");
  const clone = directory.at(join(directory.path, "clone"));
  clone.git("symbolic-ref", "HEAD", "refs/heads/main");
  clone.commit("first", { "README.md": "first\n" });
  await clone.gitAsync("push", "-q", "-u", "origin", "main");
  clone.git("remote", "set-head", "origin", "main");
  return clone;
}
