import { readBytes } from "../files/read-file.ts";
import { looseObjectTime, readContents } from "../git/objects.ts";
import { listFiles } from "../git/reflogs.ts";
import { listTrackedFiles, treeEntries } from "../git/trees.ts";
import { likeness } from "./likeness.ts";
import type { Observation } from "./observation.ts";

/** Content that was staged once, and that no commit, stash or index holds. */
export interface StagedBlob {
  readonly sha: string;
  /** When it was staged, in seconds since 1970. */
  readonly stagedAt: number;
  /** Bytes, and the first line that says something; null unless asked for. */
  readonly size: number | null;
  readonly preview: string | null;
  /** Tracked files that it looks like, the likeliest first; empty for new files, whose names git never knew. */
  readonly paths: readonly string[];
}

export interface BlobOptions {
  /** Seconds since 1970: what was staged before is left out. */
  readonly from: number;
  /** Whether to read the contents and guess where they belong. */
  readonly paths: boolean;
}

/**
 * Finds staged content that a reset or a checkout left to nobody: loose blobs that no loose tree and no index names. git packs
 * a blob together with the trees that name it, so that packed trees need not be looked at.
 */
export async function findStagedBlobs(observation: Observation, options: BlobOptions): Promise<StagedBlob[]> {
  const { repository, sources, worktrees } = observation;
  if (sources.looseBlobs.length === 0) return [];
  const { git, commonDir } = repository;
  const trees = await readContents(git, sources.looseTrees);
  const nameLength = (sources.looseBlobs[0]?.length ?? 40) / 2;
  const named = new Set([...trees.values()].flatMap((tree) => treeEntries(tree, nameLength).map(({ sha }) => sha)));
  const candidates = sources.looseBlobs.filter((sha) => !named.has(sha));
  if (candidates.length === 0) return [];
  const indexes = await readIndexes([commonDir, ...worktrees.map(({ gitDir }) => gitDir)]);
  const left = candidates.filter((sha) => !indexes.some((index) => index.includes(Buffer.from(sha, "hex"))));
  const timed = await Promise.all(left.map(async (sha) => ({ sha, at: await looseObjectTime(commonDir, sha) })));
  const blobs = timed.flatMap(({ sha, at }) =>
    at === null || at < options.from ? [] : [{ sha, stagedAt: at, size: null, preview: null, paths: [] }],
  );
  blobs.sort((a, b) => b.stagedAt - a.stagedAt);
  return options.paths ? describeBlobs(observation, blobs) : blobs;
}

/** The index files of worktrees, shared ones too. An object's name stands in them as it is, whatever their version. */
async function readIndexes(gitDirs: readonly string[]): Promise<Buffer[]> {
  const shared = await Promise.all(gitDirs.map((directory) => listFiles(directory, { recursive: false })));
  const files = new Set(shared.flat().filter((file) => /[/\\](?:index|sharedindex\.[0-9a-f]+)$/.test(file)));
  return [...files].map((file) => readBytes(file)).filter((bytes) => bytes !== null);
}

/** Of the tracked files, so many that are of a like size are compared. */
const MOST_COMPARED = 3000;

async function describeBlobs({ repository, roots }: Observation, blobs: readonly StagedBlob[]): Promise<StagedBlob[]> {
  if (blobs.length === 0) return [];
  const { git } = repository;
  const contents = await readContents(
    git,
    blobs.map(({ sha }) => sha),
  );
  const sizes = [...contents.values()].map((text) => text.length);
  const alike = (size: number) => sizes.some((other) => size >= other / 4 && size <= other * 4 + 64);
  const heads = [...new Set(roots.heads)].slice(0, 4);
  const tracked = (await Promise.all(heads.map((head) => listTrackedFiles(git, head)))).flat();
  const chosen = tracked.filter(({ size }) => alike(size)).slice(0, MOST_COMPARED);
  const texts = await readContents(git, [...new Set(chosen.map(({ sha }) => sha))]);
  return blobs.map((blob) => {
    const text = contents.get(blob.sha) ?? "";
    const scored = chosen.map(({ path, sha }) => ({ path, score: likeness(text, texts.get(sha) ?? "") }));
    const best = scored.filter(({ score }) => score >= 0.3).sort((a, b) => b.score - a.score);
    const preview = (
      text
        .slice(0, 4000)
        .split("\n")
        .find((line) => /\w/.test(line)) ?? ""
    )
      .trim()
      .slice(0, 80);
    const paths = [...new Set(best.map(({ path }) => path))].slice(0, 3);
    return { ...blob, size: text.length, preview: text.includes("\0") ? "(binary)" : preview, paths };
  });
}
