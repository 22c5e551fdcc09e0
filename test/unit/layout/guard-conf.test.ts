import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { formatGuardConf, type GuardConf, parseGuardConf, readGuardConf } from "../../../src/layout/guard-conf.ts";
import { scratchDirectory } from "../../support/scratch.ts";

/** Paths as odd as they come: quotes, line breaks, what a shell would expand, lines that look like settings. */
const path = fc.oneof(
  fc.string({ unit: "binary", maxLength: 30 }).map((text) => text.replaceAll("\0", "")),
  fc.constantFrom("", "/a b/it's", "/x\nnode='/evil'", "'; touch /tmp/pwned; '", "$HOME/`id`\\", "''", "C:\\Users\\Ä"),
);

const conf: fc.Arbitrary<GuardConf> = fc.record({
  main: path,
  chain: path,
  protect: fc.uniqueArray(fc.constantFrom("main", "rel/*", "*", "a|b", "$x", "(", "!", "ü", "`"), { maxLength: 4 }),
  requireSession: fc.boolean(),
  node: path,
  cli: path,
  pnp: path,
});

test("what is written is read back", () => {
  fc.assert(
    fc.property(conf, (values) => {
      expect(parseGuardConf(formatGuardConf(values))).toEqual(values);
    }),
  );
});

test("a shell reads the same, and runs nothing", () => {
  const directory = scratchDirectory();
  const samples = fc.sample(conf, { numRuns: 60, seed: 20_260_301 });
  const script = ["set -f"];
  samples.forEach((values, index) => {
    const file = join(directory, `${index}.conf`);
    writeFileSync(file, formatGuardConf(values));
    script.push(`. '${file}'`, `printf '%s\\0' "$main" "$chain" "$protect" "$require_session" "$node" "$cli"`);
  });
  const { stdout, stderr } = spawnSync("sh", ["-c", script.join("\n")], { encoding: "utf8" });
  const expected = samples.flatMap(({ main, chain, protect, requireSession, node, cli }) =>
    [main, chain, protect.join(" "), requireSession ? "1" : "", node, cli].map((text) => `${text}\0`),
  );
  expect([stdout, stderr]).toEqual([Buffer.from(expected.join("")).toString(), ""]);
});

test("a file that is missing is none", () => expect(readGuardConf(join(scratchDirectory(), "guard.conf"))).toBe(null));

test("what the writer would not write is left out", () => {
  expect(parseGuardConf('main="/x"\nnode=/bare\nprotect=$(id)\n')).toEqual({
    main: "",
    chain: "",
    protect: [],
    requireSession: false,
    node: "",
    cli: "",
    pnp: "",
  });
});
