import { describe, expect, test } from "vitest";
import { redact } from "../../src/domain/redact.ts";

describe("secrets are cut", () => {
  test.each([
    ["git push https://user:tok@github.com/x", "git push https://***@github.com/x"],
    ["https://tok@github.com/", "https://***@github.com/"],
    ["postgres://u:p@h/db?sslmode=1", "postgres://***@h/db?sslmode=1"],
    ["-c http.extraHeader='Authorization: Bearer abc123def' x", "-c http.extraHeader='Authorization: Bearer ***' x"],
    ["http.extraheader=AUTHORIZATION: basic eHg=", "http.extraheader=AUTHORIZATION: basic ***"],
    ["--token abc --other", "--token *** --other"],
    ["--password=hunter2 x", "--password=*** x"],
    ["GITHUB_TOKEN=abc git push", "GITHUB_TOKEN=*** git push"],
    ["https://x?access_token=abc&b=1", "https://x?access_token=***&b=1"],
    ["found ghp_0123456789abcdef here", "found ghp_*** here"],
    ["github_pat_11ABCDEFG0_abc", "github_pat_***"],
    ['{"password": "hunter2", "x": 1}', '{"password": "***", "x": 1}'],
  ])("%s", (text, cut) => {
    expect(redact(text)).toBe(cut);
  });
});

describe("what is no secret stays", () => {
  test.each([
    "git@github.com:o/r",
    "ssh://git@host/x",
    "No token: set GITHUB_TOKEN or GH_TOKEN.",
    "with a token that may push",
    "feat/token-refresh",
    "docs/password.md: missing",
    "git switch -c add-api-key",
  ])("%s", (text) => {
    expect(redact(text)).toBe(text);
  });
});
