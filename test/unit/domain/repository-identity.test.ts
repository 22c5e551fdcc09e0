import { expect, test } from "vitest";
import { codebaseName, repositoryIdentity } from "../../../src/domain/repository-identity.ts";

test.each([
  "https://github.com/owner/name.git",
  "https://user:secret@GitHub.com/owner/name",
  "https://github.com:443/owner/name.git/",
  "ssh://git@github.com:22/owner/name.git",
  "git@github.com:owner/name.git",
  "github.com:owner/name",
  "git://github.com/owner/name/",
])("%s is the same repository", (url) => {
  expect(repositoryIdentity(url, "unused")).toBe("github.com/owner/name");
});

test.each([
  ["/srv/git/name.git", "local:/srv/git/name"],
  ["file:///srv/git/name.git", "local:/srv/git/name"],
  ["C:\\repos\\name", "local:C:\\repos\\name"],
  ["../name", "local:../name"],
  ["", "local:host:/clone/.git"],
  [null, "local:host:/clone/.git"],
])("%s names a place on this machine", (url, identity) => {
  expect(repositoryIdentity(url, "host:/clone/.git")).toBe(identity);
});

test.each([
  ["github.com/owner/name", "name"],
  ["local:/srv/git/name", "name"],
  ["local:C:\\repos\\name", "name"],
])("%s is called %s", (identity, name) => {
  expect(codebaseName(identity)).toBe(name);
});
