import { describeUnknownSettings } from "../config/settings.ts";
import { asBulkheadError } from "../domain/error.ts";
import { typed } from "../domain/invocation.ts";
import type { Check } from "../guard/doctor/checks.ts";
import { storeStatus } from "../store/open-store.ts";
import type { Clone } from "./clone.ts";
import { basePlaceOf, connectGitHub } from "./github.ts";

/** By how much the database's clock may differ before it is worth a word, in seconds: a heartbeat's interval. */
const CLOCK_TOLERANCE_SECONDS = 30;
/** How long doctor waits for GitHub, in milliseconds: it has to work offline too. */
const GITHUB_TIMEOUT_MS = 5_000;

/**
 * Looks at what Bulkhead uses besides git: settings that it does not know, the session database, and GitHub with the token that ship would use. The
 * guard needs neither, so a fault in them is a warning.
 */
export async function checkServices(clone: Clone): Promise<Check[]> {
  return [...(await checkSettings(clone)), await checkDatabase(clone), await checkGitHub(clone)];
}

/** A setting with a misspelt name does nothing, and nobody would notice. */
async function checkSettings(clone: Clone): Promise<Check[]> {
  const unknown = describeUnknownSettings(await clone.config());
  return unknown.map((detail) => ({ name: "settings", state: "warning", detail }));
}

async function checkDatabase(clone: Clone): Promise<Check> {
  const name = "session database";
  try {
    const { store, database, exists, steps, clockAhead } = await storeStatus(clone.storeLocation());
    if (!exists) return { name, state: "ok", detail: "embedded, made at first use" };
    const pending = steps.filter(({ appliedAt }) => appliedAt === null).length;
    if (pending > 0)
      return { name, state: "warning", detail: `${pending} migrations pending; run: ${typed("db migrate")}` };
    if (Math.abs(clockAhead) > CLOCK_TOLERANCE_SECONDS) {
      const detail = `its clock differs from this machine's by ${Math.round(Math.abs(clockAhead))} s; claims go by its clock`;
      return { name, state: "warning", detail: `${database}: ${detail}` };
    }
    if (store === "postgres") return { name, state: "ok", detail: `${database}, up to date` };
    // It keeps time by this machine's clock, so there is no other clock that it could differ from.
    return { name, state: "ok", detail: "embedded, up to date, on this machine's clock" };
  } catch (thrown) {
    const { message, hint } = asBulkheadError(thrown);
    return { name, state: "warning", detail: `${message} ${hint}` };
  }
}

async function checkGitHub(clone: Clone): Promise<Check> {
  const name = "GitHub";
  try {
    const place = await basePlaceOf(clone);
    const github = await connectGitHub(clone, place.repository, place.remote);
    const settings = await withTimeout(github.find({ heads: [], number: null, commit: null }));
    const where = `${github.repository.owner}/${github.repository.name} on ${github.repository.host}`;
    if (settings === null) return { name, state: "warning", detail: `${where} did not answer in time` };
    if (settings.repository.canPush === false) {
      return { name, state: "warning", detail: `this token may read ${where}, not push to it: ship cannot merge` };
    }
    return { name, state: "ok", detail: `${where}, with a token that may push` };
  } catch (thrown) {
    const { code, message } = asBulkheadError(thrown);
    if (code === "NO_REMOTE" || code === "NOT_A_GITHUB_REMOTE")
      return { name, state: "ok", detail: "not used: no such remote" };
    return { name, state: "warning", detail: `${message} ship needs it; the guard does not` };
  }
}

async function withTimeout<T>(work: Promise<T>): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), GITHUB_TIMEOUT_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
