import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { expect, test } from "vitest";
import { findToken } from "../../src/github/token.ts";
import { scratchDirectory } from "../support/scratch.ts";

const repository = { host: "github.com", owner: "acme", name: "app", apiBaseUrl: "https://api.github.com" };
const enterprise = { ...repository, host: "git.corp.example", apiBaseUrl: "https://git.corp.example/api/v3" };
const noCredential = async () => null;

/** A directory for the PATH with a `gh` that prints this, and the arguments it got, and exits so. */
function pathWithGh(output: string, exitCode = 0): string {
  const directory = join(scratchDirectory(), "bin");
  mkdirSync(directory);
  const script = `#!/bin/sh\n[ "$1 $2 $3 $4" = "auth token --hostname github.com" ] || exit 9\n${output}\nexit ${exitCode}\n`;
  writeFileSync(join(directory, "gh"), script);
  chmodSync(join(directory, "gh"), 0o755);
  return `${directory}${delimiter}${process.env.PATH}`;
}

test("GITHUB_TOKEN comes before GH_TOKEN", async () => {
  const env = { GITHUB_TOKEN: " one\n", GH_TOKEN: "two" };
  expect(await findToken(repository, { env, credentialFill: noCredential })).toBe("one");
  expect(await findToken(repository, { env: { GH_TOKEN: "two" }, credentialFill: noCredential })).toBe("two");
});

test("an Enterprise server gets its own variable's token first", async () => {
  const env = { GITHUB_TOKEN: "public", GH_ENTERPRISE_TOKEN: "corp" };
  expect(await findToken(enterprise, { env, credentialFill: noCredential })).toBe("corp");
  expect(await findToken(repository, { env, credentialFill: noCredential })).toBe("public");
});

test("a server that is not GitHub's gets no token that is not meant for it", async () => {
  const env = { GITHUB_TOKEN: "public", GH_TOKEN: "public", PATH: scratchDirectory() };
  await expect(findToken(enterprise, { env, credentialFill: noCredential })).rejects.toMatchObject({
    code: "GITHUB_NO_TOKEN",
  });
  const named = { ...env, GH_HOST: "git.corp.example" };
  expect(await findToken(enterprise, { env: named, credentialFill: noCredential })).toBe("public");
  const inActions = { ...env, GITHUB_API_URL: "https://git.corp.example/api/v3" };
  expect(await findToken(enterprise, { env: inActions, credentialFill: noCredential })).toBe("public");
});

test("without a variable, gh is asked for this host", async () => {
  const env = { PATH: pathWithGh("echo from-gh") };
  expect(await findToken(repository, { env, credentialFill: noCredential })).toBe("from-gh");
});

test("a gh that is logged out leaves it to git's credential helpers", async () => {
  const env = { PATH: pathWithGh("echo 'no oauth token' >&2", 1) };
  const queries: string[] = [];
  const credentialFill = async (query: string) => {
    queries.push(query);
    return "protocol=https\nhost=github.com\nusername=x\npassword=from-git\n";
  };
  expect(await findToken(repository, { env, credentialFill })).toBe("from-git");
  expect(queries).toEqual(["protocol=https\nhost=github.com\n\n"]);
});

test("without any, the error names the host and both ways out", async () => {
  const env = { PATH: scratchDirectory() };
  await expect(findToken(repository, { env, credentialFill: noCredential })).rejects.toMatchObject({
    code: "GITHUB_NO_TOKEN",
    exitCode: 3,
    hint: "Set GITHUB_TOKEN, or log in: gh auth login --hostname github.com",
  });
});
