import { spawn } from "node:child_process";
import { appendFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { testEnvironment } from "../../test/support/environment.ts";
import type { DoubleRepository } from "../../test/support/github/double-repository.ts";
import { startGitHubDouble } from "../../test/support/github/github-double.ts";
import { Script } from "./script.ts";

const CLI = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));
const TOKEN = "ghp_demo0123456789abcdef";

/** A directory of its own with a GitHub double, its clone, and people at work in it. */
export interface Stage {
  readonly script: Script;
  /** The origin, as GitHub keeps it. */
  readonly origin: DoubleRepository;
  /** The clone's main checkout. */
  readonly main: string;
  readonly directory: string;
  /** Starts somebody who is at work until the demo is over; the result is the process id that stands for them. */
  person(): number;
  close(): Promise<void>;
}

/** Sets the stage: a bare origin behind HTTP, cloned, with one commit on `main`. */
export async function setStage(): Promise<Stage> {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "bulkhead-demo-")));
  const home = join(directory, "home");
  mkdirSync(home);
  const base = testEnvironment(home);
  const github = await startGitHubDouble(join(directory, "github"), base);
  github.addToken(TOKEN);
  appendFileSync(join(home, ".gitconfig"), github.credentialConfig(TOKEN));
  const origin = await github.createRepository("acme", "app");
  const env = {
    ...base,
    GITHUB_TOKEN: TOKEN,
    GITHUB_API_URL: github.apiUrl,
    PATH: withCommand(directory, base.PATH ?? ""),
  };
  const people: ReturnType<typeof spawn>[] = [];
  const script = new Script(directory, env);
  const main = join(directory, "app");
  await script.quietly(directory, "git", "clone", "-q", origin.cloneUrl, "app");
  await script.quietly(main, "git", "switch", "-q", "-c", "main");
  writeFileSync(join(main, "app.txt"), "hello\n");
  await script.quietly(main, "git", "add", "app.txt");
  await script.quietly(main, "git", "commit", "-q", "-m", "First version");
  await script.quietly(main, "git", "push", "-q", "-u", "origin", "main");
  return {
    script,
    origin,
    main,
    directory,
    person() {
      const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 60_000)"], { stdio: "ignore" });
      people.push(child);
      return child.pid ?? 0;
    },
    async close() {
      for (const child of people) child.kill();
      await github.stop();
      rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}

/** Puts `bulkhead` on the PATH, as an installed package would. */
function withCommand(directory: string, path: string): string {
  const bin = join(directory, "bin");
  mkdirSync(bin);
  if (process.platform === "win32") {
    writeFileSync(join(bin, "bulkhead.cmd"), `@"${process.execPath}" "${CLI}" %*\r\n`);
  }
  writeFileSync(join(bin, "bulkhead"), `#!/bin/sh\nexec "${process.execPath}" "${CLI}" "$@"\n`, { mode: 0o755 });
  return [bin, dirname(process.execPath), path].join(process.platform === "win32" ? ";" : ":");
}
