/** Days of work that a seed repeats, in a real repository, and what is truly lost when they are over. */
import { join } from "node:path";
import { createRandom, type Random } from "./random.ts";
import { createGround, TestRepository } from "./repository.ts";

/** Each change adds a line that nothing else adds: where it stands tells where the work is. */
const TOKEN = /\btoken-\d+\b/g;
const SHARED = ["f0.txt", "f1.txt", "f2.txt", "f3.txt", "f4.txt"] as const;
/** What the first commit holds in each shared file. */
const LINES = Array.from({ length: 60 }, (_, i) => `base line ${i}`);

/** What became of the work. */
export interface Truth {
  /** Tokens that no holding ref's history ever had: what has to be found. */
  readonly dead: ReadonlySet<string>;
  /** By commit that no ref reaches: the tokens that it added. */
  readonly added: ReadonlyMap<string, readonly string[]>;
  /** Tokens of somebody who never worked in this clone. */
  readonly strangers: ReadonlySet<string>;
}

/** Works at random in a clone with a remote and further worktrees. @param steps acts, most of them of several gits */
export function randomHistory(seed: number, steps: number): RandomHistory {
  const history = new RandomHistory(createRandom(seed));
  for (let i = 0; i < steps; i++) history.step();
  history.settle();
  return history;
}

export class RandomHistory {
  readonly clone: TestRepository;
  /** What was done, for whoever has to find out why a seed fails. */
  readonly log: string[] = [];
  readonly #random: Random;
  readonly #colleague: TestRepository;
  #tokens = 0;
  #names = 0;

  constructor(random: Random) {
    this.#random = random;
    const { clone, origin, directory } = createGround();
    this.clone = clone;
    for (const file of SHARED) clone.write(file, `${LINES.join("\n")}\n`);
    // In these, both sides of a conflict are kept: so rewriting changes what stands around the lines.
    clone.write(".gitattributes", "f3.txt merge=union\nf4.txt merge=union\n");
    clone.commit("shared files", {});
    clone.git("push", "-q");
    clone.git("config", "gc.auto", "0");
    clone.git("clone", "-q", origin.path, join(directory, "colleague"));
    this.#colleague = new TestRepository(join(directory, "colleague"), {
      ...clone.env,
      ...{ GIT_AUTHOR_NAME: "Bob", GIT_AUTHOR_EMAIL: "bob@example.test" },
      ...{ GIT_COMMITTER_NAME: "Bob", GIT_COMMITTER_EMAIL: "bob@example.test" },
    });
    this.#colleague.git("switch", "-q", "-c", "next");
    this.#colleague.git("push", "-q", "-u", "origin", "next");
  }

  /** One act, from where it is now. What git refuses is called off. */
  step(): void {
    const acts = [
      ...[this.#commit, this.#commit, this.#commit, this.#script, this.#amend, this.#amendWords, this.#reset],
      ...[this.#branch, this.#dropBranch, this.#rebase, this.#interactive, this.#pick, this.#squashMerge, this.#merge],
      ...[this.#stash, this.#detached, this.#worktree, this.#twins, this.#absorb, this.#upstream, this.#pack],
    ];
    const act = this.#random.pick(acts);
    this.log.push(`${act.name.replace("#", "")} on ${this.clone.tryGit(["branch", "--show-current"]).stdout.trim()}`);
    act.call(this);
    for (const operation of ["rebase", "cherry-pick", "merge"]) this.clone.tryGit([operation, "--abort"]);
    this.clone.tryGit(["reset", "-q", "--hard"]);
  }

  /** Ends on the base, so that no branch is at work. */
  settle(): void {
    this.clone.git("switch", "-q", "main");
  }

  /** What git's own, slow means say of all that happened. */
  truth(): Truth {
    const { clone } = this;
    const reached = ["--branches", "--tags", "--remotes", "HEAD"];
    const alive = addedTokens(clone.git("log", "-p", "-m", "--format=%H", ...reached));
    const all = clone.git("cat-file", "--batch-all-objects", "--batch-check=%(objecttype) %(objectname)");
    const commits = [...all.matchAll(/^commit (\w+)$/gm)].map(([, sha]) => sha ?? "");
    const reachable = new Set(clone.git("rev-list", ...reached).split("\n"));
    const added = new Map<string, readonly string[]>();
    const dead = new Set<string>();
    for (const sha of commits.filter((commit) => !reachable.has(commit))) {
      const parents = clone.git("rev-parse", `${sha}^@`).split("\n");
      // A merge adds what neither of its parents had. A stash is no merge: it changes what it was made on.
      const against = parents.length === 3 ? [parents[0] ?? "", sha] : ["--cc", "--root", "--no-commit-id", sha];
      const tokens = [...addedTokens(clone.git("diff-tree", "-p", ...against))];
      added.set(sha, tokens);
      for (const token of tokens) if (!alive.has(token)) dead.add(token);
    }
    const theirs = addedTokens(this.#colleague.git("log", "-p", "-m", "-g", "--author=Bob"));
    return { dead, added, strangers: theirs };
  }

  /** Writes some changes, each with a token of its own. */
  #edit(where: TestRepository, count = 1 + this.#random.below(2)): void {
    for (let i = 0; i < count; i++) {
      const token = `token-${++this.#tokens}`;
      const kind = this.#random.below(3);
      if (kind === 0) {
        where.write(`new/${token}.txt`, `${token}\nand more\n`);
        continue;
      }
      const file = this.#random.pick(SHARED);
      const lines = where.read(file).split("\n");
      const at = this.#random.below(lines.length - 1);
      // Whoever takes a line of his own away again has not lost it.
      lines.splice(at, lines[at]?.startsWith("base") ? kind - 1 : 0, `${token} of ${file}`);
      where.write(file, lines.join("\n"));
    }
  }

  #make(where: TestRepository, subject: string, ...words: string[]): void {
    this.#edit(where);
    where.git("add", "-A");
    where.git("commit", "-q", "-m", subject, ...words);
  }

  #commit(): void {
    this.#make(this.clone, this.#random.pick(["work", "wip", "fix it", `number ${this.#tokens}`]));
  }

  /** Several within one second, of one subject, as scripts and agents make them. */
  #script(): void {
    for (let i = 0; i < 3; i++) this.#make(this.clone, "wip");
  }

  #own(): string[] {
    const listed = this.clone.git("rev-list", "--first-parent", "--max-count=8", "HEAD", "--not", "main");
    return listed === "" ? [] : listed.split("\n");
  }

  #amend(): void {
    if (this.#own().length === 0) return;
    this.#make(this.clone, "amended", "--amend", ...(this.#random.below(3) === 0 ? ["--reset-author"] : []));
  }

  #amendWords(): void {
    if (this.#own().length > 0) this.clone.git("commit", "-q", "--amend", "-m", `said anew ${this.#tokens}`);
  }

  #reset(): void {
    const own = this.#own();
    if (own.length > 0) this.clone.git("reset", "-q", "--hard", `HEAD~${1 + this.#random.below(own.length)}`);
  }

  #branch(): void {
    this.clone.git("switch", "-q", "-c", `feat/${++this.#names}`, ...(this.#random.below(2) === 0 ? ["main"] : []));
    this.#commit();
  }

  #branches(): string[] {
    return this.clone.git("for-each-ref", "--format=%(refname:short)", "refs/heads/feat/").split("\n").filter(Boolean);
  }

  #dropBranch(): void {
    const branches = this.#branches();
    if (branches.length === 0) return;
    this.clone.git("switch", "-q", "main");
    this.clone.git("branch", "-q", "-D", this.#random.pick(branches));
  }

  #rebase(): void {
    if (this.#own().length > 0) this.clone.tryGit(["rebase", "-q", "main"]);
  }

  /** Drops, squashes and turns round the order of what is on the branch. */
  #interactive(): void {
    const own = this.#own();
    if (own.length < 2) return;
    const script = this.#random.pick(["2s/^pick/squash/", "1{h;d};2{G}", "$d", "2s/^pick/fixup/"]);
    const env = { GIT_SEQUENCE_EDITOR: `sed -i -e '${script}'`, GIT_EDITOR: "true" };
    this.clone.tryGit(["rebase", "-q", "-i", `HEAD~${own.length}`], { env });
  }

  #pick(): void {
    const branches = this.#branches();
    if (branches.length > 0) this.clone.tryGit(["cherry-pick", this.#random.pick(branches)]);
  }

  #squashMerge(): void {
    const branches = this.#branches();
    if (branches.length === 0) return;
    const branch = this.#random.pick(branches);
    this.clone.git("switch", "-q", "main");
    if (this.clone.tryGit(["merge", "-q", "--squash", branch]).exitCode !== 0) return;
    if (this.clone.tryGit(["commit", "-q", "-m", `Squashed ${branch}`]).exitCode !== 0) return;
    this.clone.git("branch", "-q", "-D", branch);
    if (this.#random.below(2) === 0) this.#commit();
  }

  /** Main comes into the branch. */
  #merge(): void {
    this.clone.tryGit(["merge", "-q", "--no-edit", "main"]);
  }

  #stash(): void {
    this.#edit(this.clone);
    this.clone.git("stash", "-q", "-u");
    if (this.#random.below(2) === 0) this.clone.git("stash", "drop", "-q");
    else if (this.clone.tryGit(["stash", "pop", "-q"]).exitCode === 0) {
      this.clone.git("add", "-A");
      this.clone.git("commit", "-q", "-m", "from the stash");
    } else this.clone.git("stash", "drop", "-q");
  }

  #detached(): void {
    this.clone.git("switch", "-q", "--detach");
    this.#commit();
    this.clone.git("switch", "-q", "main");
  }

  /** A worktree in which somebody works, and that goes with all that is in it. */
  #worktree(): void {
    const name = `tree-${++this.#names}`;
    const tree = this.clone.addWorktree(name, name, "main");
    for (let i = 0; i <= this.#random.below(3); i++) this.#make(tree, `in ${name}`);
    this.clone.git("worktree", "remove", "--force", tree.path);
    if (this.#random.below(3) > 0) this.clone.git("branch", "-q", "-D", name);
  }

  /** Two agents in the same second, under one subject, with a path in common; one of the branches goes. */
  #twins(): void {
    const date = `${1_700_000_000 + this.#tokens} +0000`;
    const env = { ...this.clone.env, GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date };
    const trees = ["a", "b"].map((side) => {
      const { path } = this.clone.addWorktree(`twin-${++this.#names}`, `twin/${this.#names}${side}`);
      return new TestRepository(path, env);
    });
    for (const [i, tree] of trees.entries()) {
      tree.write("shared-by-twins.txt", `token-${++this.#tokens}\n`);
      if (i === 1) tree.write(`only-${this.#tokens}.txt`, `token-${++this.#tokens}\n`);
      tree.git("add", "-A");
      tree.git("commit", "-q", "-m", "twins");
    }
    for (const tree of trees) {
      const branch = tree.branch();
      this.clone.git("worktree", "remove", "--force", tree.path);
      if (branch.endsWith(this.#random.pick(["a", "b"]))) this.clone.git("branch", "-q", "-D", branch);
    }
  }

  /** A branch takes main in, is squash-merged, and goes. */
  #absorb(): void {
    this.#branch();
    this.#commit();
    this.clone.git("switch", "-q", "main");
    this.#commit();
    const branch = `feat/${this.#names}`;
    this.clone.git("switch", "-q", branch);
    if (this.clone.tryGit(["merge", "-q", "--no-edit", "main"]).exitCode !== 0) return;
    this.#commit();
    this.clone.git("switch", "-q", "main");
    if (this.clone.tryGit(["merge", "-q", "--squash", branch]).exitCode !== 0) return;
    this.clone.git("commit", "-q", "-m", `All of ${branch}`);
    this.clone.git("branch", "-q", "-D", branch);
  }

  /** A colleague's branch is written anew upstream, and fetched. */
  #upstream(): void {
    this.#make(this.#colleague, "upstream");
    if (this.#random.below(2) === 0) this.#make(this.#colleague, "upstream, anew", "--amend");
    if (this.#random.below(4) === 0) this.#colleague.git("reset", "-q", "--hard", "origin/main");
    this.#colleague.git("push", "-q", "--force");
    this.clone.git("fetch", "-q");
  }

  #pack(): void {
    const how = this.#random.pick([
      ["repack", "-q", "-a", "-d", "-k"],
      ["commit-graph", "write", "--reachable"],
    ]);
    this.clone.git(...how);
  }
}

function addedTokens(diff: string): Set<string> {
  const lines = diff.split("\n").filter((line) => /^[ +-]*\+/.test(line) && !line.startsWith("+++ "));
  return new Set(lines.flatMap((line) => line.match(TOKEN) ?? []));
}
