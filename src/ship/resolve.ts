import { BulkheadError } from "../domain/error.ts";
import type { BranchName, CommitSha } from "../domain/names.ts";
import { listTips } from "../git/branch-tips.ts";
import type { GitHub } from "../github/github.ts";
import type { FoundPulls, RepositoryFacts } from "../github/lookup.ts";
import type { PullRequest } from "../github/pull-request.ts";
import type { RemoteRepository } from "../github/remote-url.ts";
import { type BasePlace, basePlaces, parentPlace } from "./base-place.ts";
import { choosePull } from "./choose-pull.ts";
import type { LocalFacts, ShipRequest } from "./facts.ts";
import type { ShipTools } from "./tools.ts";
import { type Head, headsOf, pullOf, type Wiring, wiredBranches } from "./wiring.ts";

/** Which branch, which repositories and which pull request a ship is about: found once, used everywhere. */
export interface Resolution {
  readonly github: GitHub;
  readonly base: BasePlace;
  readonly repository: RepositoryFacts;
  readonly expectedBase: BranchName;
  /** The local branch that was asked about; null where a number was. */
  readonly branch: BranchName | null;
  /** Where that branch is pushed to; null where nothing leads to a repository. */
  readonly head: Head | null;
  readonly pull: PullRequest | null;
  readonly twin: PullRequest | null;
  /** Local branches whose head the pull request is, with their tips. */
  readonly tips: ReadonlyMap<BranchName, CommitSha>;
  /** Whether the pull request's head is that of the branch which is checked out here. */
  readonly own: boolean;
}

/** Finds them, by git's own rules and with one request: two where both `upstream` and `origin` may hold the pull request. */
export async function resolveShip(request: ShipRequest, local: LocalFacts, tools: ShipTools): Promise<Resolution> {
  const wiring = await tools.wiring();
  const branch = requestedBranch(request.target, local.head);
  const places = basePlaces(wiring, tools.chosenRemote);
  const isBase = (name: BranchName) => name === tools.configuredBase || tools.isProtected(name);
  const own = local.head.kind === "branch" ? local.head.branch : null;
  const named = [branch, own, ...wiredBranches(wiring)].filter((name) => name !== null);
  const known = await listTips(tools.repository.git, named);
  const isLocal = (name: BranchName) => known.has(name);
  const fallback = places[0]?.remote ?? "origin";
  const heads = (name: BranchName) => headsOf(name, wiring, fallback, isBase, isLocal);
  const ask: Asked = {
    number: numberOf(request, branch, wiring, places),
    heads: branch === null ? [] : heads(branch),
    commit: request.create === null || branch === null ? null : (known.get(branch) ?? null),
    branch,
  };
  refuseOtherRepository(request, places);
  const found = await findPull(places, ask, tools);
  const { pull, repository } = found;
  const expectedBase = tools.configuredBase ?? repository.defaultBranch;
  const usableHeads = ask.heads.filter((head) => head.branch === branch || !isBaseOf(head, found, expectedBase));
  const tips = pull === null ? ownTip(branch, known) : await tipsOf(pull, found.base, wiring, heads, tools);
  return {
    ...found,
    expectedBase,
    branch,
    head: usableHeads[0] ?? null,
    tips,
    own: branch !== null || (own !== null && pull !== null && (tips.has(own) || isHeadOf(pull, heads(own)))),
  };
}

function isHeadOf(pull: PullRequest, heads: readonly Head[]): boolean {
  return heads.some((head) => head.branch === pull.head.branch && isIn(pull.head.repository, head.repository));
}

/** The branch that a request is about; null when it names a pull request by number. @throws `SHIP_NO_BRANCH`, `UNBORN_BRANCH` */
function requestedBranch(target: ShipRequest["target"], head: LocalFacts["head"]): BranchName | null {
  if (target !== null) return "branch" in target ? target.branch : null;
  if (head.kind === "detached") throw new BulkheadError("SHIP_NO_BRANCH");
  if (head.kind === "unborn") throw new BulkheadError("UNBORN_BRANCH", { branch: head.branch });
  return head.branch;
}

interface Asked {
  readonly number: number | null;
  readonly heads: readonly Head[];
  readonly commit: CommitSha | null;
  readonly branch: BranchName | null;
}

function numberOf(
  { target }: ShipRequest,
  branch: BranchName | null,
  wiring: Wiring,
  places: readonly BasePlace[],
): number | null {
  if (target !== null && "number" in target) return target.number;
  const made = branch === null ? null : pullOf(branch, wiring);
  return made !== null && places.some((place) => sameName(place.repository, wiring.remote(made.remote).fetches))
    ? made.pull
    : null;
}

/** `owner/repo#12` or a pull request's address: another repository's is not this clone's to merge. */
function refuseOtherRepository({ target }: ShipRequest, places: readonly BasePlace[]): void {
  if (target === null || !("number" in target) || !target.repository) return;
  const wanted = target.repository.toLowerCase();
  const names = places.map(({ repository }) => `${repository.owner}/${repository.name}`);
  const fits = places.some(({ repository: { host, owner, name } }) =>
    [`${owner}/${name}`, `${host}/${owner}/${name}`].some((one) => one.toLowerCase() === wanted),
  );
  if (!fits) throw new BulkheadError("SHIP_OTHER_REPOSITORY", { wanted: target.repository, here: names });
}

interface FoundPull {
  readonly github: GitHub;
  readonly base: BasePlace;
  readonly repository: RepositoryFacts;
  readonly pull: PullRequest | null;
  readonly twin: PullRequest | null;
}

/** Looks through the repositories that may be the base; an open pull request decides, else the first that knows one. */
async function findPull(places: readonly BasePlace[], asked: Asked, tools: ShipTools): Promise<FoundPull> {
  const seen: FoundPull[] = [];
  const queue = candidates(places, asked);
  for (let place = queue.shift(); place !== undefined; place = queue.shift()) {
    const found = await look(place, asked, tools);
    seen.push(found);
    if (found.pull !== null && (found.pull.open || asked.number !== null)) break;
    // A fork whose parent no remote leads to: the pull request lies there.
    const parent = places.length === 1 && tools.chosenRemote === null ? found.repository.parent : null;
    const above = parent === null || seen.length > 1 ? null : parentPlace(place, parent);
    if (above !== null) queue.push(above);
  }
  const [first] = seen;
  if (first === undefined) throw new BulkheadError("NO_REMOTE", { remote: "origin" });
  return seen.find(({ pull }) => pull?.open) ?? seen.find(({ pull }) => pull !== null) ?? unshipped(seen, first);
}

/** With no pull request yet: a fork's work goes to the repository that the fork comes from. */
function unshipped(seen: readonly FoundPull[], first: FoundPull): FoundPull {
  const fork = seen.find(({ repository }) => repository.parent !== null);
  const parent = seen.find(({ repository }) => repository.fullName === fork?.repository.parent);
  if (parent !== undefined) return parent;
  // `upstream` and `origin` that have nothing to do with each other: one's own is meant.
  return seen.find(({ base }) => base.remote === "origin") ?? first;
}

/** A number means the canonical repository; the address of one names it. */
function candidates(places: readonly BasePlace[], { number }: Asked): BasePlace[] {
  return number === null ? [...places] : places.slice(0, 1);
}

async function look(place: BasePlace, asked: Asked, tools: ShipTools): Promise<FoundPull> {
  const github = await tools.connect(place.repository, place.remote);
  const query = {
    heads: [...new Set(asked.heads.map((head) => head.branch))],
    number: asked.number,
    commit: asked.commit,
  };
  const found = await github.find(query);
  const { fullName } = found.repository;
  const renamed = renamedPlace(place, fullName);
  if (renamed !== place) {
    const { owner, name } = place.repository;
    tools.note(`${owner}/${name} is called ${fullName} by now: git remote set-url ${place.remote} would tell git so.`);
  }
  const pull = found.numbered ?? pullOfHeads(found, asked, renamed, place, tools.configuredBase);
  const twin = found.ofCommit.find((other) => other.number !== pull?.number) ?? null;
  const connected = renamed === place ? github : await tools.connect(renamed.repository, renamed.remote);
  return { github: connected, base: renamed, repository: found.repository, pull, twin };
}

function renamedPlace(place: BasePlace, fullName: string): BasePlace {
  const { owner, name } = place.repository;
  if (`${owner}/${name}`.toLowerCase() === fullName.toLowerCase()) return place;
  const [newOwner = owner, newName = name] = fullName.split("/");
  return { ...place, repository: { ...place.repository, owner: newOwner, name: newName } };
}

/** The pull request of the first head that has an open one; else of the first that ever had one. */
function pullOfHeads(
  found: FoundPulls,
  { heads, branch }: Asked,
  renamed: BasePlace,
  asked: BasePlace,
  configuredBase: BranchName | null,
): PullRequest | null {
  const base = configuredBase ?? found.repository.defaultBranch;
  let closed: PullRequest | null = null;
  for (const head of heads) {
    if (head.branch !== branch && head.branch === base) continue;
    const repository = sameName(head.repository, asked.repository) ? renamed.repository : head.repository;
    const own = found.pulls.filter(
      (pull) => pull.head.branch === head.branch && isIn(pull.head.repository, repository),
    );
    const chosen = choosePull(own, base);
    if (chosen?.open) return chosen;
    closed ??= chosen;
  }
  return closed;
}

function isBaseOf(head: Head, { base, repository }: FoundPull, expectedBase: BranchName): boolean {
  const isBranch = head.branch === expectedBase || head.branch === repository.defaultBranch;
  return isBranch && sameName(head.repository, base.repository);
}

function ownTip(branch: BranchName | null, known: ReadonlyMap<BranchName, CommitSha>): Map<BranchName, CommitSha> {
  const sha = branch === null ? undefined : known.get(branch);
  return new Map(branch === null || sha === undefined ? [] : [[branch, sha]]);
}

/** Local branches whose head a pull request is: the one of its name if that is one of them, else all that are pushed there. */
async function tipsOf(
  pull: PullRequest,
  base: BasePlace,
  wiring: Wiring,
  heads: (name: BranchName) => readonly Head[],
  { repository: { git } }: ShipTools,
): Promise<Map<BranchName, CommitSha>> {
  const isHead = (name: BranchName) => {
    const made = pullOf(name, wiring);
    if (made !== null) {
      return made.pull === pull.number && sameName(wiring.remote(made.remote).fetches, base.repository);
    }
    return isHeadOf(pull, heads(name));
  };
  const names = [pull.head.branch, ...wiredBranches(wiring)].filter(isHead);
  const found = await listTips(git, names);
  const own = found.get(pull.head.branch);
  return own === undefined ? found : new Map([[pull.head.branch, own]]);
}

/** GitHub's names are not told apart by case; a head whose fork is gone lies nowhere. */
function isIn(fullName: string | null, { owner, name }: RemoteRepository): boolean {
  return fullName?.toLowerCase() === `${owner}/${name}`.toLowerCase();
}

function sameName(a: RemoteRepository | null, b: RemoteRepository | null): boolean {
  return a !== null && b !== null && a.host === b.host && isIn(`${a.owner}/${a.name}`, b);
}
