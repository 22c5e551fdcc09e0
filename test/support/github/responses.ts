import type { components } from "@octokit/openapi-types";
import type { DoubleRepository, PullState } from "./double-repository.ts";

type Schemas = components["schemas"];
export type User = Schemas["simple-user"];
export type Repository = Schemas["repository"];
export type FullRepository = Schemas["full-repository"];
export type PullRequest = Schemas["pull-request"];
export type PullSummary = Schemas["pull-request-simple"];
export type MergeResult = Schemas["pull-request-merge-result"];

/** Where the double answers. */
export interface Addresses {
  readonly html: string;
  readonly api: string;
}

/** Addresses below one URL, by field name. */
function urls<K extends string>(base: string, paths: Record<K, string>): Record<K, string> {
  const entries = Object.entries<string>(paths).map(([field, path]) => [field, `${base}${path}`]);
  return Object.fromEntries(entries) as Record<K, string>;
}

export function userBody({ html, api }: Addresses, login: string): User {
  return {
    login,
    id: idOf(login),
    node_id: `U_${idOf(login)}`,
    gravatar_id: "",
    type: "User",
    site_admin: false,
    avatar_url: `${html}/avatars/${login}`,
    html_url: `${html}/${login}`,
    ...urls(`${api}/users/${login}`, {
      url: "",
      followers_url: "/followers",
      following_url: "/following{/other_user}",
      gists_url: "/gists{/gist_id}",
      starred_url: "/starred{/owner}{/repo}",
      subscriptions_url: "/subscriptions",
      organizations_url: "/orgs",
      repos_url: "/repos",
      events_url: "/events{/privacy}",
      received_events_url: "/received_events",
    }),
  };
}

/** A small, stable number for a text. */
function idOf(text: string): number {
  return [...text].reduce((sum, character) => (sum * 31 + (character.codePointAt(0) ?? 0)) % 1_000_003, 7);
}

const REPOSITORY_URLS = {
  url: "",
  archive_url: "/{archive_format}{/ref}",
  assignees_url: "/assignees{/user}",
  blobs_url: "/git/blobs{/sha}",
  branches_url: "/branches{/branch}",
  collaborators_url: "/collaborators{/collaborator}",
  comments_url: "/comments{/number}",
  commits_url: "/commits{/sha}",
  compare_url: "/compare/{base}...{head}",
  contents_url: "/contents/{+path}",
  contributors_url: "/contributors",
  deployments_url: "/deployments",
  downloads_url: "/downloads",
  events_url: "/events",
  forks_url: "/forks",
  git_commits_url: "/git/commits{/sha}",
  git_refs_url: "/git/refs{/sha}",
  git_tags_url: "/git/tags{/sha}",
  issue_comment_url: "/issues/comments{/number}",
  issue_events_url: "/issues/events{/number}",
  issues_url: "/issues{/number}",
  keys_url: "/keys{/key_id}",
  labels_url: "/labels{/name}",
  languages_url: "/languages",
  merges_url: "/merges",
  milestones_url: "/milestones{/number}",
  notifications_url: "/notifications{?since,all,participating}",
  pulls_url: "/pulls{/number}",
  releases_url: "/releases{/id}",
  stargazers_url: "/stargazers",
  statuses_url: "/statuses/{sha}",
  subscribers_url: "/subscribers",
  subscription_url: "/subscription",
  tags_url: "/tags",
  teams_url: "/teams",
  trees_url: "/git/trees{/sha}",
  hooks_url: "/hooks",
} as const;

export function repositoryBody(at: Addresses, repository: DoubleRepository): Repository {
  const { fullName, settings } = repository;
  const { host } = new URL(at.html);
  return {
    id: repository.id,
    node_id: `R_${repository.id}`,
    name: repository.name,
    full_name: fullName,
    owner: userBody(at, repository.owner),
    private: settings.private,
    html_url: `${at.html}/${fullName}`,
    description: null,
    fork: repository.forkOf !== null,
    ...urls(`${at.api}/repos/${fullName}`, REPOSITORY_URLS),
    clone_url: repository.cloneUrl,
    git_url: `git://${host}/${fullName}.git`,
    ssh_url: `git@${host}:${fullName}.git`,
    svn_url: `${at.html}/${fullName}`,
    mirror_url: null,
    homepage: null,
    language: null,
    license: null,
    default_branch: settings.defaultBranch,
    ...{ forks: 0, forks_count: 0, stargazers_count: 0, watchers_count: 0, watchers: 0, size: 1 },
    ...{ open_issues: 0, open_issues_count: 0 },
    ...{ has_issues: true, has_projects: true, has_wiki: true, has_pages: false, has_downloads: true },
    archived: false,
    disabled: false,
    pushed_at: "2026-01-01T00:00:00Z",
    created_at: "2026-01-01T00:00:00Z",
    updated_at: "2026-01-01T00:00:00Z",
  };
}

/** @param canPush only those who can push are told the merge methods */
export function fullRepositoryBody(at: Addresses, repository: DoubleRepository, canPush: boolean): FullRepository {
  const { settings } = repository;
  const { license: _, ...body } = repositoryBody(at, repository);
  return {
    ...body,
    license: null,
    pushed_at: "2026-01-01T00:00:00Z",
    created_at: "2026-01-01T00:00:00Z",
    updated_at: "2026-01-01T00:00:00Z",
    has_discussions: false,
    subscribers_count: 0,
    network_count: 0,
    ...(repository.forkOf === null ? {} : { parent: repositoryBody(at, repository.forkOf) }),
    permissions: { admin: false, maintain: false, push: canPush, triage: canPush, pull: true },
    ...(canPush
      ? {
          allow_merge_commit: settings.allowMerge,
          allow_squash_merge: settings.allowSquash,
          allow_rebase_merge: settings.allowRebase,
          allow_auto_merge: false,
          delete_branch_on_merge: settings.deleteBranchOnMerge,
        }
      : {}),
  };
}

export function pullSummaryBody(at: Addresses, repository: DoubleRepository, pull: PullState): PullSummary {
  const addresses = urls(`${at.api}/repos/${repository.fullName}`, {
    url: `/pulls/${pull.number}`,
    issue_url: `/issues/${pull.number}`,
    commits_url: `/pulls/${pull.number}/commits`,
    review_comments_url: `/pulls/${pull.number}/comments`,
    review_comment_url: "/pulls/comments{/number}",
    comments_url: `/issues/${pull.number}/comments`,
    statuses_url: `/statuses/${pull.headSha}`,
  });
  const html = `${at.html}/${repository.fullName}/pull/${pull.number}`;
  const side = (from: DoubleRepository, ref: string, sha: string) => ({
    label: `${from.owner}:${ref}`,
    ref,
    sha,
    repo: repositoryBody(at, from),
    user: userBody(at, from.owner),
  });
  return {
    id: repository.id * 1000 + pull.number,
    node_id: repository.nodeId(pull),
    ...addresses,
    html_url: html,
    diff_url: `${html}.diff`,
    patch_url: `${html}.patch`,
    number: pull.number,
    state: pull.state,
    locked: false,
    title: pull.title,
    user: userBody(at, pull.author),
    body: pull.body,
    draft: pull.draft,
    labels: [],
    milestone: null,
    assignee: null,
    author_association: "OWNER",
    auto_merge: null,
    created_at: pull.createdAt,
    updated_at: pull.closedAt ?? pull.createdAt,
    closed_at: pull.closedAt,
    merged_at: pull.merged === null ? null : pull.closedAt,
    // Before the merge this is a test merge's commit on the service; nobody may take it for the real one.
    merge_commit_sha: pull.merged?.sha ?? "0123456789abcdef0123456789abcdef01234567",
    head: side(pull.headRepository, pull.headRef, pull.headSha),
    base: side(repository, pull.baseRef, pull.baseSha),
    _links: {
      self: { href: addresses.url },
      html: { href: html },
      issue: { href: addresses.issue_url },
      comments: { href: addresses.comments_url },
      review_comments: { href: addresses.review_comments_url },
      review_comment: { href: addresses.review_comment_url },
      commits: { href: addresses.commits_url },
      statuses: { href: addresses.statuses_url },
    },
  };
}

export function pullBody(
  at: Addresses,
  repository: DoubleRepository,
  pull: PullState,
  merging: { mergeable: boolean | null; state: string },
): PullRequest {
  const summary = pullSummaryBody(at, repository, pull);
  return {
    ...summary,
    body: pull.body,
    state: pull.state,
    labels: [],
    head: { ...summary.head, user: userBody(at, pull.headRepository.owner) },
    base: { ...summary.base, repo: repositoryBody(at, repository), user: userBody(at, repository.owner) },
    user: userBody(at, pull.author),
    merged: pull.merged !== null,
    mergeable: merging.mergeable,
    mergeable_state: merging.state,
    merged_by: pull.merged === null ? null : userBody(at, pull.merged.by),
    ...{ comments: 0, review_comments: 0, commits: 1, additions: 1, deletions: 0, changed_files: 1 },
    maintainer_can_modify: false,
  };
}
