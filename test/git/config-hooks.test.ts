import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { availableGits, isAtLeast } from "../support/gits.ts";
import { readProbe, writeHook } from "../support/hook-managers.ts";
import { createGround } from "../support/repository.ts";

/**
 * Why the guard is not armed by hooks in git's configuration (docs/decisions.md): shown on the gits that are here, so that
 * a git which does otherwise is noticed.
 */
const withConfigHooks = availableGits().filter((git) => isAtLeast(git, "2.54"));
if (withConfigHooks.length === 0)
  process.stderr.write("Hooks in configuration are not tried: no git here knows them.\n");

for (const git of withConfigHooks) {
  test.each(["pre-commit", "pre-push"])(
    `with the ${git.name} git, a %s hook of the user's runs although one in the configuration has refused`,
    (name) => {
      const { clone, directory } = createGround(git.bin === undefined ? {} : { git: git.bin });
      clone.env.PROBE = join(directory, "probe");
      writeHook(clone, `.git/hooks/${name}`, 'echo users >>"$PROBE"\n');
      writeHook(clone, "../refuse", "exit 1\n");
      clone.git("config", "hook.refuse.command", join(directory, "refuse"));
      clone.git("config", "hook.refuse.event", name);
      const args = name === "pre-push" ? ["push", "origin", "HEAD:new"] : ["commit", "--allow-empty", "-m", "x"];
      expect(clone.tryGit(args).exitCode).not.toBe(0);
      expect(readProbe(clone.env.PROBE)).toEqual(["users"]);
      rmSync(clone.env.PROBE);
      // What switches all hooks off does not switch these off.
      expect(clone.tryGit(["-c", "core.hooksPath=/dev/null", ...args]).exitCode).not.toBe(0);
      expect(readProbe(clone.env.PROBE)).toEqual([]);
    },
  );
}
