#!/usr/bin/env node
import { main } from "./commands/main.ts";

// Whoever reads may stop at any time (`| head`), which is no failure of the command; a full disk is one.
process.stdout.on("error", (cause: NodeJS.ErrnoException) => {
  if (cause.code === "EPIPE") process.exit(process.exitCode ?? 0);
  process.stderr.write(`bulkhead: the output could not be written (${cause.code}).\n`);
  process.exit(3);
});

// A terminal that has gone takes no words: what is under way is brought to its end all the same.
process.stderr.on("error", () => {});

const end = await main(process.argv.slice(2), process);
if (typeof end === "number") process.exitCode = end;
// Ended as the signal would have ended it: so a shell, a loop or a runner knows that it was called off.
else process.kill(process.pid, end);
