import { spawn, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { quoteForShell } from "../../src/domain/shell-word.ts";
import { compileHook } from "../../src/guard/hooks/hook-script.ts";
import { setStamps } from "../../src/guard/hooks/stamps.ts";
import { formatGuardConf } from "../../src/layout/guard-conf.ts";
import { parseExpectation, vouchForSession } from "../../src/layout/session-file.ts";
import { type Binary, toBinary } from "./branch-names.ts";
import { testEnvironment } from "./environment.ts";
import type { GuardCase, OtherWorktree, Values } from "./guard-cases.ts";
import { TestRepository } from "./repository.ts";
import { onCleanup } from "./scratch.ts";
import { exactSessionText } from "./session-texts.ts";

/** The sh guard as it is shipped. */
const TEMPLATE = readFileSync(fileURLToPath(new URL("../../dist/hooks/guard.sh", import.meta.url)), "latin1");

/** What a shell's guard did with a case: let it pass by itself, asked the full guard (which said yes), or refused. */
export type Outcome = "allowed" | "asked" | "refused";

/** A generated case on disk, ready for a hook to run. */
export interface LaidOutCase {
  readonly guardCase: GuardCase;
  readonly commonDir: string;
  readonly gitDir: string;
  readonly topLevel: string;
  readonly input: Buffer;
  readonly env: NodeJS.ProcessEnv;
}

/** In memory where the system has such a place: thousands of small files are slow on a disk. */
function memoryDirectory(): string {
  const parent = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
  const directory = realpathSync(mkdtempSync(join(parent, "bulkhead-cases-")));
  onCleanup(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Shells that are here, each as it is when it is called `sh`. */
export function availableShells(directory: string): { name: string; command: string[] }[] {
  return ["dash", "bash", "busybox"].flatMap((name) => {
    const found = spawnSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).stdout.trim();
    if (found === "") {
      process.stderr.write(`The guard is not tried with ${name}: it is not installed here.\n`);
      return [];
    }
    const command = join(directory, `${name}-as`, "sh");
    mkdirSync(join(directory, `${name}-as`));
    symlinkSync(found, command);
    return [{ name, command: [command] }];
  });
}

/**
 * Where cases are laid out. Each gets a repository of its own, made of a few files: they borrow their objects from
 * one real repository, so that git answers questions about any of them.
 */
export class GuardCaseGround {
  readonly directory = memoryDirectory();
  readonly values: Values;
  readonly #env: NodeJS.ProcessEnv;
  #made = 0;

  constructor() {
    mkdirSync(join(this.directory, "home"));
    this.#env = testEnvironment(join(this.directory, "home"));
    const shared = new TestRepository(join(this.directory, "shared"), this.#env);
    mkdirSync(shared.path);
    shared.git("init", "-q", "-b", "main");
    this.values = { first: shared.commit("first"), second: shared.commit("second") };
    // Stands for node: says that it was asked, and lets git go on.
    const stub = "#!/bin/sh\necho asked\nwhile read -r line; do :; done\n";
    writeFileSync(join(this.directory, "node"), stub, { mode: 0o755 });
    writeFileSync(join(this.directory, "guard.mjs"), "");
  }

  /** @param chained whether the user has a hook of that name, which says what it was given */
  layOut(guardCase: GuardCase, chained = false): LaidOutCase {
    const root = join(this.directory, `case-${++this.#made}`);
    const main = join(root, "main");
    const commonDir = join(main, ".git");
    this.#layOutRepository(commonDir, guardCase, chained);
    const linked = guardCase.kind !== "main";
    const gitDir = linked ? join(commonDir, "worktrees", "own") : commonDir;
    const topLevel = linked ? join(root, "own") : main;
    if (linked) {
      addLinkedWorktree(gitDir, topLevel, guardCase.kind === "linked");
      write(join(commonDir, "HEAD"), "ref: refs/heads/main\n");
    }
    guardCase.others.forEach((other, index) => {
      const otherDir = join(commonDir, "worktrees", `other${index}`);
      addLinkedWorktree(otherDir, join(root, `other${index}`), true);
      write(join(otherDir, "HEAD"), `${this.values.first}\n`);
      writeOther(other, otherDir, join(root, `other${index}`));
    });
    if (linked && guardCase.mainSession !== null) writeOther(guardCase.mainSession, commonDir, main);
    writeOwnFiles(guardCase, gitDir, topLevel);
    const env = { ...this.#env, GIT_DIR: gitDir, ...guardCase.env };
    return { guardCase, commonDir, gitDir, topLevel, env, input: Buffer.from(guardCase.input, "latin1") };
  }

  #layOutRepository(commonDir: string, { hook, branches, protect, requireSession }: GuardCase, chained: boolean): void {
    for (const part of ["objects/info", "refs", "hooks", "bulkhead/hooks", "worktrees"]) {
      mkdirSync(join(commonDir, part), { recursive: true });
    }
    write(join(commonDir, "config"), "[core]\n\trepositoryformatversion = 0\n");
    write(join(commonDir, "objects/info/alternates"), `${join(this.directory, "shared/.git/objects")}\n`);
    const lines = [...new Set(branches)].sort().map((branch) => `${this.values.first} refs/heads/${branch}\n`);
    write(join(commonDir, "refs/heads/loose"), `${this.values.first}\n`);
    write(join(commonDir, "packed-refs"), `# pack-refs with: \n${lines.join("")}`);
    const node = join(this.directory, "node");
    const settings = {
      main: "..",
      chain: "",
      protect,
      requireSession,
      node,
      cli: "",
      pnp: "",
      chainsTransactions: chained,
    };
    write(join(commonDir, "bulkhead/guard.conf"), toBinary(formatGuardConf(settings)));
    write(join(commonDir, "bulkhead/hooks", hook), toBinary(compileHook(TEMPLATE, hook, settings)));
    if (chained) {
      const reads = hook === "reference-transaction" ? "while read -r line; do n=$((n + 1)); done\n" : "";
      writeFileSync(join(commonDir, "hooks", hook), `#!/bin/sh\nn=0\n${reads}echo "chained $# $n"\n`, { mode: 0o755 });
    }
    setStamps(commonDir);
    symlinkSync(join(this.directory, "guard.mjs"), join(commonDir, "bulkhead/guard.mjs"));
  }

  /**
   * Runs every case in one shell. One driver process runs them all: its only work is to start the guard, so that a
   * case costs one process more than a hook run by git would, and no Node.
   * @param chained gets the number of each case whose user's hook ran, with how many arguments and lines that was given
   */
  async runAll(
    cases: readonly LaidOutCase[],
    shell: { name: string; command: string[] },
    chained: string[] = [],
  ): Promise<Outcome[]> {
    const script = join(this.directory, `drive-${shell.name}.sh`);
    const runs = cases.map((laidOut, index) => driverLine(laidOut, index, shell.command, this.directory));
    write(script, `${runs.join("\n")}\n`);
    const output = await new Promise<string>((resolve, reject) => {
      const child = spawn("sh", [script], { env: this.#env, stdio: ["ignore", "pipe", "inherit"] });
      let text = "";
      child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      child.on("error", reject);
      child.on("close", (code) => (code === 0 ? resolve(text) : reject(new Error(`the driver exited ${code}`))));
    });
    return readOutcomes(output, cases.length, chained);
  }
}

function driverLine(laidOut: LaidOutCase, index: number, shell: readonly string[], directory: string): string {
  const { guardCase, commonDir, gitDir, topLevel } = laidOut;
  const { hook, hookArguments, env } = guardCase;
  const quoted = (text: string) => quoteForShell(text);
  const input = join(directory, `input-${index}`);
  if (!existsSync(input)) write(input, guardCase.input);
  const args = hook === "reference-transaction" ? ["prepared"] : hookArguments;
  const assignments = Object.entries({ GIT_DIR: gitDir, ...env }).map(([name, value]) => `${name}=${quoted(value)}`);
  const words = [...shell, join(commonDir, "bulkhead/hooks", hook), ...args].map(quoted);
  const call = `${assignments.join(" ")} ${words.join(" ")} <${quoted(input)} 2>/dev/null`;
  return `cd ${quoted(topLevel)} && ${call}; echo "${index} $?"`;
}

function readOutcomes(output: string, count: number, chained: string[]): Outcome[] {
  const outcomes: Outcome[] = [];
  let asked = false;
  for (const line of output.trim().split("\n")) {
    if (line === "asked") {
      asked = true;
      continue;
    }
    if (line.startsWith("chained ")) {
      chained.push(`${outcomes.length} ${line}`);
      continue;
    }
    const match = /^(\d+) (\d+)$/.exec(line);
    if (match === null || Number(match[1]) !== outcomes.length) throw new Error(`the driver printed: ${line}`);
    outcomes.push(match[2] !== "0" ? "refused" : asked ? "asked" : "allowed");
    asked = false;
  }
  if (outcomes.length !== count) throw new Error(`the driver ran ${outcomes.length} of ${count} cases`);
  return outcomes;
}

function writeOwnFiles(guardCase: GuardCase, gitDir: string, topLevel: string): void {
  const { head, rebaseMerge, rebaseApply, bisectStart, worktreeJson } = guardCase;
  const optional: [string, Binary | null][] = [
    ["rebase-merge/head-name", rebaseMerge],
    ["rebase-apply/head-name", rebaseApply],
    ["BISECT_START", bisectStart],
  ];
  if (head !== null && typeof head === "object") symlinkSync(head.link, join(gitDir, "HEAD"));
  else if (head !== null) write(join(gitDir, "HEAD"), head);
  for (const [name, text] of optional) if (text !== null) write(join(gitDir, name), text);
  if (worktreeJson !== null) write(join(topLevel, ".worktree.json"), worktreeJson);
  writeSession(guardCase, topLevel);
  if (guardCase.note !== "none") writeNote(guardCase, gitDir, topLevel);
}

/** As Bulkhead leaves it: it vouches only for a file that it has written, and that says that nothing is lost. */
function writeNote({ session, sessionIs, note }: GuardCase, gitDir: string, topLevel: string): void {
  const parsed = sessionIs === "file" && session !== null ? parseExpectation(Buffer.from(session, "latin1"), "") : null;
  if (parsed?.kind !== "present") return;
  const { content } = parsed;
  write(join(gitDir, "bulkhead-worktree/expected"), toBinary(`refs/heads/${content.expectedBranch}\n`));
  const before = Math.floor(Date.now() / 1000) - 60;
  if (note === "vouching") vouchForSession({ topLevel, gitDir }, content);
  else utimesSync(join(gitDir, "bulkhead-worktree/expected"), before, before);
}

/** Another worktree's session, in whatever form it has one. */
function writeOther({ branch, trace, file = "session" }: OtherWorktree, gitDir: string, top: string): void {
  const text = exactSessionText(branch);
  const session = join(top, ".session.json");
  if (file === "session") write(session, text);
  if (file === "link" || file === "dangling link") symlinkSync("theirs.json", session);
  if (file === "link") write(join(top, "theirs.json"), text);
  if (file === "worktree.json") write(join(top, ".worktree.json"), text);
  if (file === "linked worktree.json") {
    symlinkSync("theirs.json", join(top, ".worktree.json"));
    write(join(top, "theirs.json"), text);
  }
  if (file === "copy alone") write(join(gitDir, "bulkhead-worktree/session.json"), text);
  if (trace === "none") return;
  const note = join(gitDir, "bulkhead-worktree/expected");
  write(note, `refs/heads/${trace === "same" ? branch : "before"}\n`);
  const before = Math.floor(Date.now() / 1000) - 60;
  utimesSync(note, before, before);
  if (trace === "same" && file === "session") utimesSync(session, before, before);
}

function writeSession({ session, sessionIs }: GuardCase, topLevel: string): void {
  if (session === null) return;
  const file = join(topLevel, ".session.json");
  if (sessionIs === "directory") mkdirSync(file);
  else if (sessionIs === "file") write(file, session);
  else {
    symlinkSync("the-real-one.json", file);
    if (sessionIs === "link") write(join(topLevel, "the-real-one.json"), session);
  }
}

function addLinkedWorktree(gitDir: string, topLevel: string, withGitdir: boolean): void {
  mkdirSync(gitDir, { recursive: true });
  mkdirSync(topLevel);
  write(join(topLevel, ".git"), `gitdir: ${gitDir}\n`);
  write(join(gitDir, "commondir"), "../..\n");
  if (withGitdir) write(join(gitDir, "gitdir"), `${join(topLevel, ".git")}\n`);
}

function write(path: string, text: Binary): void {
  const directory = join(path, "..");
  if (!existsSync(directory)) mkdirSync(directory, { recursive: true });
  writeFileSync(path, Buffer.from(text, "latin1"));
}
