import { beforeAll, describe, expect, test } from "vitest";
import { installPackage, packedFiles } from "../support/installed-package.ts";
import { createGround } from "../support/repository.ts";

describe("the published package", () => {
  let files: string[];
  beforeAll(() => {
    files = packedFiles(createGround().clone);
  });

  test("holds everything that a user needs", () => {
    const needed = ["dist/cli.js", "dist/index.js", "dist/guard.mjs", "dist/hooks/guard.sh"].concat([
      "dist/THIRD-PARTY-NOTICES.md",
      "LICENSE",
      "package.json",
    ]);
    expect(files).toEqual(expect.arrayContaining(needed));
  });

  test("holds nothing else", () => {
    const allowed = [
      /^dist\/((cli|index)\.js|guard\.mjs|THIRD-PARTY-NOTICES\.md)$/,
      /^dist\/chunks\/[\w.-]+\.js$/,
      /^dist\/hooks\/[\w-]+\.sh$/,
      /^dist\/types\/([\w-]+\/)*[\w-]+\.d\.ts$/,
      /^migrations\/([\w-]+\/)*[\w.-]+\.sql$/,
      /^(LICENSE|README\.md|package\.json)$/,
    ];
    expect(files.filter((file) => !allowed.some((pattern) => pattern.test(file)))).toEqual([]);
  });
});

test("the package installs from its tarball without the network or any install script, and starts", () => {
  const { clone } = createGround();
  const npx = installPackage(clone);
  expect(npx("bulkhead", "--version")).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+/) });
  const program = `const { BulkheadError } = await import("bulkhead"); process.stdout.write(BulkheadError.name)`;
  const library = clone.run(process.execPath, ["--input-type=module", "-e", program]);
  expect(library.stdout).toBe("BulkheadError");
});
