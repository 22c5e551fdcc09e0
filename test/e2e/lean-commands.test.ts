import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createGround, type TestRepository } from "../support/repository.ts";
import { startSleeper } from "../support/sleeper.ts";

/** How often a command started git, as its own trace says. */
function gitCalls(clone: TestRepository, words: string[]): number {
  const { exitCode, stderr } = clone.bulkhead(words, { env: { BULKHEAD_TRACE: "1" } });
  expect(exitCode, stderr).toBe(0);
  return stderr.split("\n").filter((line) => line.includes("bulkhead: trace:")).length;
}

describe("commands of every day", () => {
  test("start git as seldom as they are meant to", () => {
    const { clone } = createGround();
    clone.bulkhead(["init", "--no-scripts"]);
    const pid = String(startSleeper().pid);
    clone.git("switch", "-q", "-c", "feat/lean");
    expect(gitCalls(clone, ["start", "LEAN-1", "--pid", pid])).toBeLessThanOrEqual(4);
    expect(gitCalls(clone, ["status", "--pid", pid])).toBeLessThanOrEqual(4);
    for (const words of [["sessions"], ["heartbeat", "--pid", pid], ["release", "--pid", pid]]) {
      expect(gitCalls(clone, words), words[0]).toBeLessThanOrEqual(2);
    }
  });
});

describe("the cache of compiled code", () => {
  const directory = (clone: TestRepository): string => {
    const versions = join(clone.env.HOME ?? "", ".cache/bulkhead/code");
    return join(versions, readdirSync(versions)[0] ?? "");
  };
  const files = (clone: TestRepository): string[] =>
    readdirSync(directory(clone), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
  const works = (clone: TestRepository) =>
    expect(clone.bulkhead(["sessions"])).toMatchObject({ exitCode: 0, stdout: "No session is at work.\n", stderr: "" });

  test("is made for its user alone, and used again", () => {
    const { clone } = createGround();
    works(clone);
    expect(files(clone).length).toBeGreaterThan(0);
    expect(statSync(directory(clone)).mode & 0o077).toBe(0);
    const before = files(clone).map((file) => statSync(file).ino);
    works(clone);
    expect(files(clone).map((file) => statSync(file).ino)).toEqual(before);
  });

  test("does no harm when its files hold something else, are cut short or empty", () => {
    const { clone } = createGround();
    works(clone);
    for (const spoil of [(bytes: Buffer) => bytes.subarray(0, 100), () => Buffer.alloc(0), () => Buffer.from("x")]) {
      for (const file of files(clone)) writeFileSync(file, spoil(readFileSync(file)));
      works(clone);
    }
  });

  test("is not taken from where others can write, nor made where it may not be", () => {
    const { clone } = createGround();
    works(clone);
    for (const file of files(clone)) rmSync(file);
    chmodSync(directory(clone), 0o777);
    works(clone);
    expect(files(clone)).toEqual([]);
    const home = join(clone.path, "..", "file");
    writeFileSync(home, "");
    expect(clone.bulkhead(["sessions"], { env: { HOME: home } }).exitCode).toBe(0);
    const away = join(clone.path, "..", "away");
    mkdirSync(away);
    clone.bulkhead(["sessions"], { env: { HOME: away, NODE_DISABLE_COMPILE_CACHE: "1" } });
    expect(readdirSync(away)).toEqual([]);
  });
});
