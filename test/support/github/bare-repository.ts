import { execFile } from "node:child_process";

/** A git that ran in the double's bare repository, whatever came of it. */
export interface GitResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The double's hands on one bare repository: asynchronous, so that the server goes on answering. */
export class BareRepository {
  readonly path: string;
  readonly #env: NodeJS.ProcessEnv;

  constructor(path: string, env: NodeJS.ProcessEnv) {
    this.path = path;
    this.#env = env;
  }

  /** Runs git here, whatever comes of it. */
  try(args: readonly string[], env: NodeJS.ProcessEnv = {}, input = ""): Promise<GitResult> {
    return new Promise((resolve, reject) => {
      const options = { cwd: this.path, env: { ...this.#env, ...env }, maxBuffer: 64 * 1024 * 1024 };
      const child = execFile("git", [...args], options, (error, stdout, stderr) => {
        if (error !== null && typeof error.code !== "number") reject(error);
        else resolve({ exitCode: error === null ? 0 : Number(error.code), stdout, stderr });
      });
      child.stdin?.on("error", () => {});
      child.stdin?.end(input);
    });
  }

  /** Runs git here and returns stdout without its final newline; throws unless it exits 0. */
  async git(args: readonly string[], env: NodeJS.ProcessEnv = {}, input = ""): Promise<string> {
    const { exitCode, stdout, stderr } = await this.try(args, env, input);
    if (exitCode !== 0) throw new Error(`git ${args.join(" ")} exited ${exitCode}: ${stderr}`);
    return stdout.replace(/\n$/, "");
  }

  /** The commit that a full ref name holds; null when there is no such ref. */
  async commitOf(ref: string): Promise<string | null> {
    const { exitCode, stdout } = await this.try(["rev-parse", "-q", "--verify", `${ref}^{commit}`]);
    return exitCode === 0 ? stdout.trim() : null;
  }

  /** Whether the first commit is the second or one of its ancestors. */
  async isAncestor(ancestor: string, descendant: string): Promise<boolean> {
    return (await this.try(["merge-base", "--is-ancestor", ancestor, descendant])).exitCode === 0;
  }

  /** Moves a ref if it still holds the old value. */
  async compareAndSwap(ref: string, next: string, previous: string): Promise<boolean> {
    return (await this.try(["update-ref", ref, next, previous])).exitCode === 0;
  }
}
