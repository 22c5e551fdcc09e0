import { describe, expect, test } from "vitest";
import { parseRemoteUrl } from "../../src/github/remote-url.ts";

describe("a remote's URL names the repository and its API", () => {
  test.each([
    ["https://github.com/acme/app.git", "github.com", "https://api.github.com"],
    ["https://github.com/acme/app", "github.com", "https://api.github.com"],
    ["https://github.com/acme/app/", "github.com", "https://api.github.com"],
    ["https://x-access-token:secret@github.com/acme/app.git", "github.com", "https://api.github.com"],
    ["git@github.com:acme/app.git", "github.com", "https://api.github.com"],
    ["github.com:acme/app", "github.com", "https://api.github.com"],
    ["ssh://git@github.com/acme/app.git", "github.com", "https://api.github.com"],
    ["ssh://git@ssh.github.com:443/acme/app.git", "github.com", "https://api.github.com"],
    ["git@ssh.github.com:acme/app.git", "github.com", "https://api.github.com"],
    ["https://octo.ghe.com/acme/app.git", "octo.ghe.com", "https://api.octo.ghe.com"],
    ["https://git.corp.example:8443/acme/app.git", "git.corp.example:8443", "https://git.corp.example:8443/api/v3"],
    ["ssh://git@git.corp.example:2222/acme/app.git", "git.corp.example", "https://git.corp.example/api/v3"],
    ["http://127.0.0.1:4000/acme/app.git", "127.0.0.1:4000", "http://127.0.0.1:4000/api/v3"],
  ])("%s", (url, host, apiBaseUrl) => {
    expect(parseRemoteUrl(url)).toEqual({ host, owner: "acme", name: "app", apiBaseUrl });
  });

  test("GITHUB_API_URL overrides the derived address", () => {
    expect(parseRemoteUrl("git@work:acme/app", "https://api.example/v3/")?.apiBaseUrl).toBe("https://api.example/v3");
  });

  test.each([
    "/srv/git/app.git",
    "../origin.git",
    "file:///srv/git/acme/app.git",
    "C:/git/acme/app.git",
    "https://github.com/acme",
    "https://github.com/acme/app/tree/main",
    "https://github.com/../app",
    "https://github.com/acme/$(id)",
    "https://",
    "",
  ])("%j names none", (url) => {
    expect(parseRemoteUrl(url)).toBeNull();
  });
});
