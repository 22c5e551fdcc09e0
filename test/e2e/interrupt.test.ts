import { chmodSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createGround } from "../support/repository.ts";

const POSIX = process.platform !== "win32";

/** Waits until something holds. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

test.runIf(POSIX).each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
  "%s ends the git that runs and then the command, as the signal would have",
  async (signal) => {
    const { clone } = createGround();
    // A git that never comes back, and says which process it is.
    const bin = join(clone.path, "..", "bin");
    mkdirSync(bin);
    clone.write(
      "../bin/git",
      `#!/bin/sh\necho $$ > '${bin}/pid.tmp' && mv '${bin}/pid.tmp' '${bin}/pid'\nexec sleep 600\n`,
    );
    chmodSync(join(bin, "git"), 0o755);
    const { child, finished } = clone.startBulkhead(["status"], { env: { PATH: `${bin}:${clone.env.PATH}` } });
    await until(() => existsSync(join(bin, "pid")));
    const pid = Number(readFileSync(join(bin, "pid"), "utf8"));
    child.kill(signal);
    const { stderr } = await finished;
    expect(child.signalCode).toBe(signal);
    expect(stderr).toMatch(/^bulkhead: Interrupted\. What was under way was ended\.\nRun the same command again/);
    await until(() => !isAlive(pid));
  },
);

test("a trace names each git with its time, and no secret", () => {
  const { clone } = createGround();
  clone.git("config", "remote.origin.url", "https://me:hunter2@example.test/o/r");
  const { stderr, stdout } = clone.bulkhead(["status", "--json"], { env: { BULKHEAD_TRACE: "1" } });
  expect(JSON.parse(stdout)).toMatchObject({ current_branch: "main" });
  expect(stderr).toMatch(/^bulkhead: trace: [\d.]+ ms, exit 0: git config --list .* \(in .*\)$/m);
  expect(stderr).not.toContain("hunter2");
});
