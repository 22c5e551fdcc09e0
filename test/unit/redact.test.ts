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
    ["-c http.extraHeader='JOB-TOKEN: x' y", "-c http.extraHeader='JOB-TOKEN: ***' y"],
    ["X-Auth-Token: x", "X-Auth-Token: ***"],
    ["'Cookie: a=b; sid=x' push", "'Cookie: ***' push"],
    ['"Authorization: Digest username=x, response=y" push', '"Authorization: Digest ***" push'],
    ["https://u:p@SECRET@host/o/r", "https://***@host/o/r"],
    ["https://u:a/SECRET@host/o/r", "https://***@host/o/r"],
    ["git push u:SECRET@host:x main", "git push ***@host:x main"],
    ["sk-ant-api03-abcdef", "sk-ant-***"],
    ["npm_0123456789abcdefABCDEF", "npm_***"],
    ["AKIAIOSFODNN7EXAMPLE", "AKIA***"],
    ["x eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-def y", "x *** y"],
    ["gldt-0123456789", "gldt-***"],
    ["AWS_SECRET_ACCESS_KEY=x git push", "AWS_SECRET_ACCESS_KEY=*** git push"],
    ["https://h/b?sv=1&sig=abc%2F&x=1", "https://h/b?sv=1&sig=***&x=1"],
    ["https://h/b?X-Amz-Signature=abc", "https://h/b?X-Amz-Signature=***"],
    ["token: abc123", "token: ***"],
    ["-c x.pass=hunter2 push", "-c x.pass=*** push"],
    ["--password 'x y' --other", "--password *** --other"],
    ['DB_PASSWORD="x y" git push', "DB_PASSWORD=*** git push"],
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
    "https://host:8443/pkg@1.2/x",
    "https://esm.sh/pkg@1.2",
    "git commit -m 'bypass=true' sk-short glab-cli npm_config_user",
    "token: none is needed",
    "12:30 at host: x",
  ])("%s", (text) => {
    expect(redact(text)).toBe(text);
  });
});

test("a long text takes no longer than its length", () => {
  // With a step for each pair of characters this would not end.
  for (const piece of ["a", "a-", "a.", "x:", "@", "token", "https://", "'"]) redact(piece.repeat(50_000));
});
