import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readConnectionString } from "../../../src/store/postgres/connection-options.ts";
import { scratchDirectory } from "../../support/scratch.ts";

test.each([
  [
    "postgres://ada:pw@db.example.test:6000/team",
    { host: ["db.example.test"], port: [6000] },
    "postgres://db.example.test:6000/team",
  ],
  [
    "postgresql://ada:pw@db.example.test/team",
    { host: ["db.example.test"], port: [5432] },
    "postgres://db.example.test/team",
  ],
  ["postgres://a:1,b:2/team", { host: ["a", "b"], port: [1, 2] }, "postgres://a:1,b:2/team"],
  ["postgres://[::1]:6000/team", { host: ["::1"], port: [6000] }, "postgres://::1:6000/team"],
  ["postgres:///team", {}, "postgres:///team"],
  ["postgres://ada@/team?host=/run/pg&port=6000", { path: "/run/pg/.s.PGSQL.6000" }, "postgres:///run/pg:6000/team"],
  ["postgres://ada@/team?host=/run/pg", { path: "/run/pg/.s.PGSQL.5432" }, "postgres:///run/pg/team"],
])("where the server of %s is", (text, server, location) => {
  const options = readConnectionString(text);
  expect(options.server).toMatchObject(server);
  expect(options.location).toBe(location);
});

test("user, password and database are decoded, and nothing that is shown holds them", () => {
  const options = readConnectionString("postgres://ada:p%40ss%2Fword@h/a%20b");
  expect(options.server).toMatchObject({ username: "ada", password: "p@ss/word", database: "a b" });
  expect(options.location).toBe("postgres://h/a b");
  expect(options.secrets).toEqual(expect.arrayContaining(["p@ss/word", "p%40ss%2Fword"]));
});

test.each([
  ["postgres://localhost/t", false],
  ["postgres://127.0.0.1/t", false],
  ["postgres:///t", false],
  ["postgres://h/t", "prefer"],
  ["postgres://h/t?sslmode=disable", false],
  ["postgres://h/t?sslmode=require", "require"],
])("encryption of %s", (text, ssl) => {
  expect(readConnectionString(text).ssl).toBe(ssl);
});

test("a root certificate is checked against, the host's name too when asked", () => {
  const ca = join(scratchDirectory(), "ca.pem");
  writeFileSync(ca, "certificate");
  const read = (mode: string) => readConnectionString(`postgres://h/t?sslmode=${mode}&sslrootcert=${ca}`).ssl;
  expect(read("require")).toMatchObject({ rejectUnauthorized: true, checkServerIdentity: expect.any(Function) });
  expect(read("verify-full")).toEqual({ ca: Buffer.from("certificate"), rejectUnauthorized: true });
});

test.each([
  ["postgres://h/t", true],
  ["postgres://h/t?prepare=false", false],
  ["postgres://h/t?pgbouncer=true&connection_limit=1", false],
  ["postgres://h:6543/t", false],
])("statements of %s are prepared by name: %s", (text, prepare) => {
  expect(readConnectionString(text).prepare).toBe(prepare);
});

test.each([
  ["mysql://u:topsecret@h/t"],
  ["u:topsecret@h/t"],
  ["postgres://u:topsecret@h/t?sslmode=nope"],
  ["postgres://u:topsecret@h/t?sslmode=verify-full&sslrootcert=/none/such"],
  ["postgres://u:top@secret@h/t"],
])("what cannot be read is refused without repeating it: %s", (text) => {
  try {
    readConnectionString(text);
    expect.unreachable();
  } catch (cause) {
    expect(cause).toMatchObject({ code: "DATABASE_URL_INVALID" });
    const error = cause as { message: string; hint: string; data: unknown };
    expect(JSON.stringify([error.message, error.hint, error.data])).not.toMatch(/topsecret|secret@/);
  }
});
