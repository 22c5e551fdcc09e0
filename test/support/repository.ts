import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { testEnvironment } from "./environment.ts";
import { scratchDirectory } from "./scratch.ts";

/** What a finished process left behind. */
export interface Finished {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process that may still be running. */
export interface Running {
  readonly child: ChildProcess;
  readonly finished: Promise<Finished>;
}

export interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
  /** Throw unless it exits 0; true unless told. */
  readonly check?: boolean;
}

const CLI = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));

/** A real worktree (or bare repository) on disk. */
export class TestRepository {
  readonly path: string;
  readonly env: NodeJS.ProcessEnv;

  constructor(path: string, env: NodeJS.ProcessEnv) {
    this.path = path;
    this.env = env;
  }

  /** Runs git here and returns stdout without its final newline. */
  git(...args: string[]): string {
    return this.run("git", args).stdout.replace(/\n$/, "");
  }

  /** Runs git here, whatever comes of it. */
  tryGit(args: string[], options: RunOptions = {}): Finished {
    return this.run("git", args, { check: false, ...options });
  }

  /** Runs the built command line here, whatever comes of it. */
  bulkhead(args: string[], options: RunOptions = {}): Finished {
    return this.run(process.execPath, [CLI, ...args], { check: false, ...options });
  }

  /** Runs the built command line here with `--json` and parses its one document. */
  bulkheadJson<T = Record<string, unknown>>(
    args: string[],
    options: RunOptions = {},
  ): { exitCode: number | null; json: T } {
    const at = args.includes("--") ? args.indexOf("--") : args.length;
    const { exitCode, stdout } = this.bulkhead([...args.slice(0, at), "--json", ...args.slice(at)], options);
    return { exitCode, json: JSON.parse(stdout) as T };
  }

  /** The built command line as a shell takes it. */
  bulkheadCommand(): string {
    return `'${process.execPath}' '${CLI}'`;
  }

  run(program: string, args: string[], options: RunOptions = {}): Finished {
    const result = spawnSync(program, args, {
      cwd: this.path,
      env: { ...this.env, ...options.env },
      input: options.input ?? "",
      encoding: "utf8",
      maxBuffer: 256 * 1024 * 1024,
    });
    if (result.error) throw result.error;
    if ((options.check ?? true) && result.status !== 0) {
      throw new Error(`${program} ${args.join(" ")} exited ${result.status}:\n${result.stdout}${result.stderr}`);
    }
    return { exitCode: result.status, stdout: result.stdout, stderr: result.stderr };
  }

  /**
   * Starts a program here and leaves the event loop free: needed where a server of this same process answers it.
   * @returns the child, for ending it early, and what it left behind once it is done
   */
  start(program: string, args: string[], options: RunOptions = {}): Running {
    const child = spawn(program, args, { cwd: this.path, env: { ...this.env, ...options.env } });
    const text = { stdout: "", stderr: "" };
    for (const stream of ["stdout", "stderr"] as const) {
      child[stream].setEncoding("utf8").on("data", (chunk: string) => {
        text[stream] += chunk;
      });
    }
    child.stdin.on("error", () => {});
    child.stdin.end(options.input ?? "");
    const finished = new Promise<Finished>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (exitCode) => {
        if (options.check && exitCode !== 0) {
          reject(new Error(`${program} ${args.join(" ")} exited ${exitCode}:\n${text.stdout}${text.stderr}`));
        } else resolve({ exitCode, ...text });
      });
    });
    return { child, finished };
  }

  /** As `git`, with the event loop left free. */
  async gitAsync(...args: string[]): Promise<string> {
    return (await this.start("git", args, { check: true }).finished).stdout.replace(/\n$/, "");
  }

  /** As `bulkhead`, with the event loop left free. */
  startBulkhead(args: string[], options: RunOptions = {}): Running {
    return this.start(process.execPath, [CLI, ...args], options);
  }

  write(file: string, content: string): void {
    const path = join(this.path, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }

  read(file: string): string {
    return readFileSync(join(this.path, file), "utf8");
  }

  /** Writes a file, commits it and returns the commit's hash. */
  commit(
    message: string,
    files: Record<string, string> = { [`${message.replace(/\W+/g, "-")}.txt`]: message },
  ): string {
    for (const [file, content] of Object.entries(files)) this.write(file, content);
    this.git("add", "-A");
    this.git("commit", "-q", "-m", message);
    return this.head();
  }

  head(): string {
    return this.git("rev-parse", "HEAD");
  }

  branch(): string {
    return this.git("symbolic-ref", "--short", "HEAD");
  }

  /** Every ref with its value, one a line: for comparing before and after. */
  refs(): string {
    return this.git("for-each-ref", "--format=%(refname) %(objectname)");
  }

  /** Refs, HEAD, status and ignored files: everything that "nothing was changed" speaks of. */
  snapshot(): string {
    const head = this.tryGit(["symbolic-ref", "-q", "HEAD"]).stdout || this.git("rev-parse", "HEAD");
    return [this.refs(), head.trim(), this.git("status", "--porcelain", "--ignored")].join("\n--\n");
  }

  /** The same directory of another worktree, with the same environment. */
  at(path: string): TestRepository {
    return new TestRepository(path, this.env);
  }

  /** `git worktree add -b <branch>` beside this one. */
  addWorktree(name: string, branch: string, start = "HEAD"): TestRepository {
    const path = join(dirname(this.path), name);
    this.git("worktree", "add", "-q", "-b", branch, path, start);
    return this.at(path);
  }
}

export interface Ground {
  /** The bare origin. */
  readonly origin: TestRepository;
  /** A clone of it, on `main`, with one commit pushed. */
  readonly clone: TestRepository;
  /** Holds them both, and the home directory. */
  readonly directory: string;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * A bare origin and a clone of it with one commit on `main`, in a directory of their own.
 * @param options.directory an empty one that the caller removes, for a ground that several tests share
 */
export function createGround(options: { git?: string; cloneName?: string; directory?: string } = {}): Ground {
  const directory = options.directory ?? scratchDirectory();
  mkdirSync(join(directory, "home"));
  const env = testEnvironment(join(directory, "home"), options.git);
  const base = new TestRepository(directory, env);
  base.git("init", "-q", "--bare", "-b", "main", "origin.git");
  const name = options.cloneName ?? "clone";
  base.git("clone", "-q", join(directory, "origin.git"), name);
  const clone = base.at(join(directory, name));
  clone.git("symbolic-ref", "HEAD", "refs/heads/main");
  clone.commit("first", { "README.md": "first\n" });
  clone.git("push", "-q", "-u", "origin", "main");
  clone.git("remote", "set-head", "origin", "main");
  return { origin: base.at(join(directory, "origin.git")), clone, directory, env };
}

/** Branch names that git allows and careless programs trip over. */
export const ADVERSARIAL_BRANCHES = [
  "feat/quote'single",
  'feat/quote"double',
  "feat/$(touch pwned)".replace(" ", "_"),
  "feat/`id`",
  "feat/semi;colon",
  "feat/amp&pipe|",
  "feat/ümläut-日本",
  "feat/per%cent%20",
  "feat/-dash",
  "feat/#hash",
  "feat/!bang",
  "feat/{brace}",
  "feat/<angle>",
  "feat/dollar$HOME",
  "feat/comma,equal=plus+",
  `feat/very-${"long-".repeat(30)}name`,
] as const;
