import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { installPackage, packedFiles } from "../support/installed-package.ts";
import { createGround } from "../support/repository.ts";

const README = readFileSync(new URL("../../README.md", import.meta.url), "utf8");

/** The lines to type below a heading: each of its fenced blocks. */
function blocksBelow(heading: string): string[] {
  const [, section = ""] = README.split(`\n## ${heading}\n`);
  const [own = ""] = section.split("\n## ");
  return [...own.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, lines = ""]) => lines);
}

test.runIf(process.platform !== "win32")("the README's lines work as printed, from the installed package", () => {
  const { clone } = createGround();
  const npx = installPackage(clone);
  clone.git("add", "-A");
  clone.git("commit", "-q", "-m", "Install Bulkhead");
  expect(npx("bulkhead", "init")).toMatchObject({ exitCode: 0 });
  const type = (lines: string) => clone.run("bash", ["-e", "-c", lines], { check: false });

  const [settingUp = ""] = blocksBelow("Setting up");
  expect(settingUp).toContain("git bulkhead doctor");
  for (const line of settingUp.trim().split("\n")) {
    const typed = type(line);
    expect({ line, exitCode: typed.exitCode, said: typed.exitCode === 0 ? "" : typed.stdout + typed.stderr }).toEqual({
      line,
      exitCode: 0,
      said: "",
    });
  }

  const [day = ""] = blocksBelow("A day with it");
  const { exitCode, stdout, stderr } = type(day);
  expect({ exitCode, stderr: exitCode === 0 ? "" : stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect(stdout).toContain("LOGIN-1");
  expect(clone.git("log", "-1", "--format=%s", "feat/login")).toBe("Add the login");
  expect(clone.branch()).toBe("main");
});

test("what the README links to is in the package, or elsewhere by its whole address", () => {
  const links = [...README.matchAll(/\]\(([^)#]+)/g)].map(([, link = ""]) => link);
  const near = links.filter((link) => !/^https?:\/\//.test(link));
  expect(near.length).toBeGreaterThan(0);
  const files = packedFiles(createGround().clone);
  expect(near.filter((link) => !files.includes(link))).toEqual([]);
});
