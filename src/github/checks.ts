/** One check of a commit: a check run of an app, or a commit status of the older interface. */
export interface Check {
  readonly name: string;
  readonly state: "passed" | "failed" | "running";
}

/** A check as GitHub lists it: several runs of one name are possible. */
export interface CheckEntry extends Check {
  /** Who ran it; runs of different apps are different checks. */
  readonly app: string;
  /** When it began, ISO 8601; of runs that began together the greater number is the newer. */
  readonly startedAt: string;
  readonly id: number;
}

/** What counts as passed for a required check: https://docs.github.com/pull-requests/collaborating-with-pull-requests */
const PASSED = new Set(["success", "neutral", "skipped"]);

interface RunBody {
  readonly id: number;
  readonly name: string;
  readonly status: string;
  readonly conclusion: string | null;
  readonly started_at?: string | null;
  readonly app?: { readonly slug?: string } | null;
}

export function parseCheckRun({ id, name, status, conclusion, started_at, app }: RunBody): CheckEntry {
  const entry = { name, id, app: app?.slug ?? "", startedAt: started_at ?? "" };
  if (status.toLowerCase() !== "completed" || conclusion === null) return { ...entry, state: "running" };
  return { ...entry, state: PASSED.has(conclusion.toLowerCase()) ? "passed" : "failed" };
}

export function parseStatus(status: { context: string; state: string; created_at?: string }): CheckEntry {
  const states: Record<string, Check["state"]> = { success: "passed", pending: "running", expected: "running" };
  const state = states[status.state.toLowerCase()] ?? "failed";
  return { name: status.context, state, app: "(status)", startedAt: status.created_at ?? "", id: 0 };
}

/** The newest run of each name and app: a cancelled run counts no more once a newer one is there. Pure. */
export function newestChecks(entries: readonly CheckEntry[]): Check[] {
  const newest = new Map<string, CheckEntry>();
  for (const entry of entries) {
    const key = `${entry.app}\0${entry.name}`;
    const other = newest.get(key);
    if (other === undefined || isNewer(entry, other)) newest.set(key, entry);
  }
  return [...newest.values()].map(({ name, state }) => ({ name, state }));
}

function isNewer(a: CheckEntry, b: CheckEntry): boolean {
  return a.startedAt === b.startedAt ? a.id >= b.id : a.startedAt > b.startedAt;
}
