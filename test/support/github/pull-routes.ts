import type { DoubleRepository, PullState } from "./double-repository.ts";
import type { MergeMethod } from "./merging.ts";
import { type MergeResult, pullBody, pullSummaryBody } from "./responses.ts";
import { failure, invalid, notFound, ok, page, type RestAnswer, type RestRequest, type Route } from "./routes.ts";

const METHOD_NAMES: Record<MergeMethod, string> = {
  merge: "Merge commits are",
  squash: "Squash merges are",
  rebase: "Rebase merges are",
};

/** Pull requests: https://docs.github.com/rest/pulls/pulls */
export const PULL_ROUTES: readonly Route[] = [
  { method: "GET", path: /^\/pulls$/, handle: list },
  { method: "POST", path: /^\/pulls$/, writes: true, handle: create },
  { method: "GET", path: /^\/pulls\/(?<number>\d+)$/, handle: (request) => withPull(request, get) },
  { method: "PATCH", path: /^\/pulls\/(?<number>\d+)$/, writes: true, handle: (request) => withPull(request, update) },
  {
    method: "GET",
    path: /^\/pulls\/(?<number>\d+)\/merge$/,
    handle: (request) =>
      withPull(request, async (_, pull) => (pull.merged === null ? notFound() : { status: 204, body: null })),
  },
  {
    method: "PUT",
    path: /^\/pulls\/(?<number>\d+)\/merge$/,
    writes: true,
    handle: (request) => withPull(request, merge),
  },
  {
    method: "PUT",
    path: /^\/pulls\/(?<number>\d+)\/merge-async$/,
    writes: true,
    handle: (request) => withPull(request, startAsyncMerge),
  },
  {
    method: "GET",
    path: /^\/pulls\/(?<number>\d+)\/merge-async\/(?<uuid>[\w-]+)$/,
    handle: (request) => withPull(request, readAsyncMerge),
  },
  { method: "GET", path: /^\/stacks$/, handle: listStacks },
];

/** https://docs.github.com/rest/pulls/pulls#merge-a-pull-request-asynchronously */
async function startAsyncMerge({ repository, body, account }: RestRequest, pull: PullState): Promise<RestAnswer> {
  if (repository.asyncMergeReads === null) return notFound();
  const state = (status: string, message: string, more: object = {}) => ({ status, details: { message, ...more } });
  if (pull.merged !== null) {
    return ok(state("merged", "Pull request was already merged.", { sha: pull.merged.sha }));
  }
  if (pull.state === "closed" || pull.draft) {
    return { status: 400, body: state("failed", `Pull request is ${pull.draft ? "in draft" : "closed"}.`) };
  }
  const running = [...repository.asyncMerges].find(([, other]) => other.pull === pull && other.result === null);
  if (running !== undefined) return { status: 409, body: state("pending", "It exists.", { uuid: running[0] }) };
  const uuid = `00000000-0000-4000-8000-${String(repository.asyncMerges.size + 1).padStart(12, "0")}`;
  repository.asyncMerges.set(uuid, {
    pull,
    method: String(body.merge_method ?? "merge") as MergeMethod,
    sha: textOf(body.sha) ?? null,
    by: account?.login ?? "nobody",
    reads: repository.asyncMergeReads,
    result: null,
  });
  return { status: 202, body: state("pending", "Merge request enqueued.", { uuid }) };
}

async function readAsyncMerge({ repository, parameters }: RestRequest): Promise<RestAnswer> {
  const uuid = parameters.uuid ?? "";
  const state = repository.asyncMerges.get(uuid);
  if (state === undefined) return notFound();
  await repository.readAsyncMerge(state);
  if (state.result === null) {
    return ok({ status: "pending", details: { message: "Merge request is in progress.", uuid } });
  }
  const { status, ...details } = state.result;
  return ok({ status, details });
}

/** https://docs.github.com/rest/pulls/stacks#list-pull-request-stacks */
function listStacks({ repository, query }: RestRequest): RestAnswer {
  const number = Number(query.get("pull_request"));
  const found = repository.stacks.filter((stack) => stack.includes(number));
  return ok(
    found.map((stack, index) => ({
      id: index + 1,
      number: index + 1,
      pull_requests: stack.map((one) => ({ number: one, state: repository.pulls.get(one)?.state ?? "closed" })),
    })),
  );
}

async function withPull(
  request: RestRequest,
  handle: (request: RestRequest, pull: PullState) => Promise<RestAnswer>,
): Promise<RestAnswer> {
  const pull = request.repository.pulls.get(Number(request.parameters.number));
  if (pull === undefined) return notFound();
  await request.repository.refresh(pull);
  return handle(request, pull);
}

async function list(request: RestRequest): Promise<RestAnswer> {
  const { repository, query, at } = request;
  const state = query.get("state") ?? "open";
  const head = query.get("head");
  const base = query.get("base");
  const found: PullState[] = [];
  for (const pull of [...repository.pulls.values()].reverse()) {
    await repository.refresh(pull);
    if (state !== "all" && pull.state !== state) continue;
    if (head !== null && head !== `${pull.headRepository.owner}:${pull.headRef}`) continue;
    if (base !== null && base !== pull.baseRef) continue;
    found.push(pull);
  }
  const { items, headers } = page(found, request, `${at.api}/repos/${repository.fullName}/pulls`);
  return { status: 200, body: items.map((pull) => pullSummaryBody(at, repository, pull)), headers };
}

async function describe({ at, repository }: RestRequest, pull: PullState) {
  if (pull.state === "closed") return pullBody(at, repository, pull, { mergeable: null, state: "unknown" });
  if (pull.mergeableUnknownReads > 0) {
    pull.mergeableUnknownReads--;
    return pullBody(at, repository, pull, { mergeable: null, state: "unknown" });
  }
  const { state } = await repository.mergeability(pull);
  return pullBody(at, repository, pull, { mergeable: state !== "dirty", state });
}

async function get(request: RestRequest, pull: PullState): Promise<RestAnswer> {
  return ok(await describe(request, pull));
}

async function create(request: RestRequest): Promise<RestAnswer> {
  const { repository, body, account } = request;
  const [owner, headRef] = splitHead(String(body.head ?? ""), repository.owner);
  const base = String(body.base ?? "");
  if (typeof body.title !== "string" || body.title === "") return invalid("PullRequest", "title", "missing_field");
  const from = owner === repository.owner ? repository : forkOf(request, owner);
  if (from === undefined || (await from.bare.commitOf(`refs/heads/${headRef}`)) === null) {
    return invalid("PullRequest", "head", "invalid");
  }
  const baseSha = await repository.bare.commitOf(`refs/heads/${base}`);
  if (baseSha === null) return invalid("PullRequest", "base", "invalid");
  const refusal = await refuseCreation(repository, from, headRef, base);
  if (refusal !== null) return refusal;
  const pull = await repository.openPull({
    head: headRef,
    from,
    base,
    title: body.title,
    draft: body.draft === true,
    ...(typeof body.body === "string" ? { body: body.body } : {}),
    ...(account === null ? {} : { author: account.login }),
  });
  return { status: 201, body: await describe(request, pull) };
}

function splitHead(head: string, owner: string): [string, string] {
  const colon = head.indexOf(":");
  return colon < 0 ? [owner, head] : [head.slice(0, colon), head.slice(colon + 1)];
}

function forkOf({ repository }: RestRequest, owner: string): DoubleRepository | undefined {
  return repository.forks.find((fork) => fork.owner === owner);
}

async function refuseCreation(
  repository: DoubleRepository,
  from: DoubleRepository,
  headRef: string,
  base: string,
): Promise<RestAnswer | null> {
  const custom = (message: string) => invalid("PullRequest", "", "custom", message);
  for (const pull of repository.pulls.values()) {
    await repository.refresh(pull);
    const same = pull.headRepository === from && pull.headRef === headRef && pull.baseRef === base;
    if (pull.state === "open" && same) return custom(`A pull request already exists for ${from.owner}:${headRef}.`);
  }
  const own = `refs/heads/${headRef}`;
  // The base need not be in the fork, nor the head in the base.
  await from.bare.git(["fetch", "-q", repository.path, `+refs/heads/${base}:refs/double/base`]);
  const head = await from.bare.commitOf(own);
  if (head !== null && (await from.bare.isAncestor(head, "refs/double/base"))) {
    return custom(`No commits between ${base} and ${headRef}`);
  }
  return null;
}

async function update(request: RestRequest, pull: PullState): Promise<RestAnswer> {
  const { body, repository } = request;
  if (typeof body.base === "string") {
    if (pull.state === "closed")
      return invalid("PullRequest", "base", "invalid", "Cannot change the base of a closed pull request.");
    const sha = await repository.bare.commitOf(`refs/heads/${body.base}`);
    if (sha === null) return invalid("PullRequest", "base", "invalid");
    pull.baseRef = body.base;
    pull.baseSha = sha;
  }
  if (typeof body.title === "string") pull.title = body.title;
  if (typeof body.body === "string") pull.body = body.body;
  if (body.state === "closed" && pull.state === "open") repository.close(pull);
  return ok(await describe(request, pull));
}

async function merge({ repository, body, account }: RestRequest, pull: PullState): Promise<RestAnswer> {
  const method = String(body.merge_method ?? "merge") as MergeMethod;
  if (!Object.hasOwn(METHOD_NAMES, method)) return invalid("PullRequest", "merge_method", "invalid");
  if (pull.state === "closed") return failure(405, "Pull Request is not mergeable");
  if (pull.draft) return failure(405, "Pull Request is still a draft");
  if (body.sha !== undefined && body.sha !== pull.headSha) {
    return failure(409, "Head branch was modified. Review and try the merge again.");
  }
  const limited = repository.demands.get(pull.baseRef)?.allowedMethods;
  if (!repository.allows(method) || (limited !== undefined && !limited.includes(method))) {
    return failure(405, `${METHOD_NAMES[method]} not allowed on this repository.`);
  }
  if (repository.stacks.some((stack) => stack.includes(pull.number))) {
    return failure(403, "Merging stacked PRs via this endpoint is not supported.");
  }
  const { linearHistory, signatures } = repository.demands.get(pull.baseRef) ?? {};
  if ((linearHistory && method === "merge") || (signatures && method === "rebase")) {
    return failure(405, `${METHOD_NAMES[method]} not allowed on this repository.`);
  }
  const mergeability = await repository.mergeability(pull);
  if ("why" in mergeability) return failure(405, mergeability.why);
  const sha = await repository.merge(pull, {
    method,
    by: account?.login ?? "nobody",
    title: textOf(body.commit_title),
    message: textOf(body.commit_message),
  });
  if (sha === null) return failure(405, "Base branch was modified. Review and try the merge again.");
  return ok({ sha, merged: true, message: "Pull Request successfully merged" } satisfies MergeResult);
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
