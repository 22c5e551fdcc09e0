/**
 * The main job, end to end, on real repositories: `npm run demo`. GitHub is a double that holds real bare repositories;
 * everything else is the built product, started the way a user would. Exits 1 as soon as a step is not as told.
 */
import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { NotAsTold } from "./demo/script.ts";
import { type Stage, setStage } from "./demo/stage.ts";

async function play(stage: Stage): Promise<void> {
  const { script, main } = stage;
  script.tell(`Everything happens in ${stage.directory}, which goes when the demo is over.`);
  const places = await setUp(stage);
  await claim(stage, places);
  await guard(stage, places.ada);
  await ship(stage, places);
  await recover(stage, places.ben);
  script.chapter("Who is at work");
  const { output } = await script.run(main, ["bulkhead", "sessions"]);
  script.check(output.includes("feat/search"), "the sessions show who is at work, on what, on which branch");
}

interface Places {
  readonly ada: string;
  readonly ben: string;
}

async function setUp({ script, main, directory }: Stage): Promise<Places> {
  script.chapter("One clone, two worktrees, one command");
  const [ada, ben] = [join(directory, "login"), join(directory, "search")];
  await script.run(main, ["git", "worktree", "add", "-q", "-b", "feat/login", "../login"]);
  await script.run(main, ["git", "worktree", "add", "-q", "-b", "feat/search", "../search"]);
  await script.run(main, ["bulkhead", "init"]);
  return { ada, ben };
}

async function claim({ script, person }: Stage, { ada, ben }: Places): Promise<void> {
  script.chapter("Two sessions claim two work items; a third is refused");
  const [adasShell, bensShell, cleosShell] = [person(), person(), person()].map(String);
  await script.run(ada, ["bulkhead", "start", "SD-LOGIN-001", "--pid", adasShell ?? ""]);
  await script.run(ben, ["bulkhead", "start", "SD-SEARCH-002", "--pid", bensShell ?? ""]);
  const { output } = await script.run(ben, ["bulkhead", "start", "SD-LOGIN-001", "--pid", cleosShell ?? ""], 1);
  script.check(/SD-LOGIN-001/.test(output), "the third session is told who holds the item");
}

async function guard({ script, main }: Stage, ada: string): Promise<void> {
  script.chapter("Another process switches Ada's branch; her next commit would land on the wrong one");
  await script.run(main, ["git", "-C", "../login", "switch", "-c", "experiment"]);
  const before = await script.quietly(ada, "git", "for-each-ref", "refs/heads");
  writeFileSync(join(ada, "login.txt"), "login\n");
  await script.run(ada, ["git", "add", "login.txt"]);
  const { output } = await script.run(ada, ["git", "commit", "-m", "Add the login"], "refused");
  script.check(output.includes("Expected 'feat/login' but found 'experiment'"), "it says what is wrong and who did it");
  await script.run(ada, ["git", "commit", "--no-verify", "-m", "Add the login"], "refused");
  await script.run(ada, ["git", "stash", "-q"]);
  const foreign = await script.quietly(ada, "git", "commit-tree", "-p", "main", "-m", "elsewhere", "main^{tree}");
  await script.run(ada, ["git", "cherry-pick", "--allow-empty", foreign], "refused");
  await script.run(ada, ["git", "cherry-pick", "--abort"]);
  script.check((await script.quietly(ada, "git", "for-each-ref", "refs/heads")) === before, "no branch has moved");
  await script.run(ada, ["git", "switch", "feat/login"]);
  await script.run(ada, ["git", "stash", "pop", "-q"]);
  await script.run(ada, ["git", "commit", "-q", "-m", "Add the login"]);
  script.check(
    (await script.quietly(ada, "git", "log", "-1", "--format=%s", "feat/login")) === "Add the login",
    "back on her branch the commit passes",
  );
}

async function ship({ script, origin, main }: Stage, { ada, ben }: Places): Promise<void> {
  script.chapter("Ship: the pull request is merged, nobody's checkout changes");
  await script.run(ada, ["git", "push", "-q", "-u", "origin", "feat/login"]);
  const { number } = await origin.openPull({ head: "feat/login", base: "main", title: "Add the login" });
  const heads = () =>
    Promise.all([main, ada, ben].map((place) => script.quietly(place, "git", "symbolic-ref", "HEAD")));
  const before = await heads();
  const head = await script.quietly(ada, "git", "rev-parse", "HEAD");
  await script.run(ada, ["bulkhead", "ship", String(number), "--dry-run"]);
  await script.run(ada, ["bulkhead", "ship", String(number)]);
  const merged = await script.quietly(ada, "git", "merge-base", "--is-ancestor", head, "origin/main").then(() => true);
  script.check(merged, `main on GitHub contains ${head.slice(0, 7)}, the commit that was tested`);
  script.check(JSON.stringify(await heads()) === JSON.stringify(before), "every worktree is on the branch it was on");
}

async function recover({ script }: Stage, ben: string): Promise<void> {
  script.chapter("A reset loses a commit; recover finds it and tells it from an amended one");
  writeFileSync(join(ben, "search.txt"), "search\n");
  await script.quietly(ben, "git", "add", "search.txt");
  await script.run(ben, ["git", "commit", "-q", "-m", "Add the serach"]);
  await script.run(ben, ["git", "commit", "-q", "--amend", "-m", "Add the search"]);
  appendFileSync(join(ben, "search.txt"), "by name\n");
  await script.run(ben, ["git", "commit", "-q", "-a", "-m", "Search by name"]);
  const lost = await script.quietly(ben, "git", "rev-parse", "HEAD");
  await script.run(ben, ["git", "reset", "-q", "--hard", "HEAD~1"]);
  await script.run(ben, ["bulkhead", "recover"]);
  const found = await script.json<{ commits: { sha: string; verdict: string; subject: string }[] }>(ben, "recover");
  const verdict = (subject: string) => found.commits.find((commit) => commit.subject === subject)?.verdict;
  script.check(verdict("Search by name") === "lost", "the commit that was reset away is lost");
  script.check(verdict("Add the serach") === "superseded", "the one that was amended is superseded");
  await script.run(ben, ["bulkhead", "recover", "--recover", lost.slice(0, 12)]);
  const branches = await script.quietly(ben, "git", "branch", "--list", "recovery/*", "--format=%(objectname)");
  script.check(branches === lost, "it is back, on a branch of its own");
}

const started = performance.now();
const stage = await setStage();
try {
  await play(stage);
  process.stdout.write(`\nAll as told, in ${Math.round((performance.now() - started) / 1000)} s.\n`);
} catch (thrown) {
  process.stderr.write(
    `\nNot as told: ${thrown instanceof NotAsTold ? thrown.message : ((thrown as Error).stack ?? thrown)}\n`,
  );
  process.exitCode = 1;
} finally {
  await stage.close();
}
