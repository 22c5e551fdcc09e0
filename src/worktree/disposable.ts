/**
 * What of the ignored files in a worktree is no loss: dependencies, build output and caches, which a command brings
 * back. The list is in docs/worktrees.md; `bulkhead.disposable` adds to it.
 */
export const DISPOSABLE: readonly string[] = [
  // dependencies
  "node_modules",
  ".pnpm-store",
  ".yarn/cache",
  ".yarn/unplugged",
  ".yarn/install-state.gz",
  "bower_components",
  ".venv",
  "venv",
  "vendor/bundle",
  ".bundle",
  "Pods",
  // build output
  "dist",
  "build",
  "out",
  "target",
  ".next",
  ".nuxt",
  ".output",
  ".svelte-kit",
  ".vercel/output",
  "storybook-static",
  "*.tsbuildinfo",
  "*.pyc",
  "*.o",
  "*.class",
  "*.egg-info",
  // caches and reports
  ".cache",
  ".turbo",
  ".parcel-cache",
  ".gradle",
  ".eslintcache",
  ".stylelintcache",
  "__pycache__",
  ".pytest_cache",
  ".mypy_cache",
  ".ruff_cache",
  ".tox",
  ".nyc_output",
  "coverage",
  ".DS_Store",
  "Thumbs.db",
];

/** Tells whether an ignored path is disposable: it, or a directory that it is in, has such a name. */
export function disposableTest(more: readonly string[]): (path: string) => boolean {
  const patterns = [...DISPOSABLE, ...more].map((pattern) => pattern.replace(/^\/+|\/+$/g, "")).filter(Boolean);
  const alternatives = patterns.map((pattern) => pattern.split("*").map(escaped).join("[^/]*"));
  const expression = new RegExp(`(?:^|/)(?:${alternatives.join("|")})(?:/|$)`);
  return (path) => expression.test(path);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
