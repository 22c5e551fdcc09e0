#!/usr/bin/env node
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { cacheCode } from "./code-cache.ts";
import { leanStream } from "./commands/lean-stream.ts";

/** Whoever reads may stop at any time (`| head`), which is no failure of the command; a full disk is one. */
function outputFailed(cause: NodeJS.ErrnoException): never {
  if (cause.code === "EPIPE") process.exit(process.exitCode ?? 0);
  stderr.write(`bulkhead: the output could not be written (${cause.code}).\n`);
  process.exit(3);
}

const stdout = leanStream(1, () => process.stdout, outputFailed);
// A terminal that has gone takes no words: what is under way is brought to its end all the same.
const stderr = leanStream(
  2,
  () => process.stderr,
  () => {},
);

const program = fileURLToPath(import.meta.url);
const words = process.argv.slice(2);
cacheCode(dirname(program), words, process.env, __BULKHEAD_VERSION__);
// Only now, so that it comes from the cache. `main` never throws.
void import("./commands/main.ts").then(async ({ main }) => {
  const { env } = process;
  const end = await main(words, {
    env,
    program,
    stdout,
    stderr,
    cwd: () => process.cwd(),
    terminalIn: () => process.stdin.isTTY,
  });
  if (typeof end === "number") process.exitCode = end;
  // Ended as the signal would have ended it: so a shell, a loop or a runner knows that it was called off.
  else process.kill(process.pid, end);
});
