import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { createGround } from "../support/repository.ts";

test.each([[[]], [["--quiet"]], [["--no-color"]], [["-C", "."]], [["help"]], [["--help"]]])(
  "%j prints the help",
  (args) => {
    const { exitCode, stdout, stderr } = createGround().clone.bulkhead(args);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toContain("Usage: bulkhead <command> [options]");
  },
);

test("a command's help names each global option once", () => {
  const { stdout } = createGround().clone.bulkhead(["start", "--help"]);
  expect(stdout.match(/--json/g)).toHaveLength(1);
});

test.runIf(process.platform !== "win32")("a reader that stops early is no failure", () => {
  const { clone, env } = createGround();
  clone.bulkhead(["init"]);
  const { path } = clone;
  const script = 'set -o pipefail; node "$CLI" worktree --list | true';
  const CLI = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));
  const { status, stderr } = spawnSync("bash", ["-c", script], { cwd: path, env: { ...env, CLI }, encoding: "utf8" });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
});
