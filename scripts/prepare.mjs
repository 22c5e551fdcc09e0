// What `npm install` does here beyond fetching: this repository's own commit hook, and a build where there is none yet.
// So a dependency on the sources (`npm i -D git+https://…`) gives a working program.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

process.chdir(fileURLToPath(new URL("../", import.meta.url)));
const husky = await import("husky").catch(() => null);
if (husky !== null) process.stdout.write(husky.default());
if (existsSync("src/cli.ts") && !existsSync("dist/cli.js")) await import("./build.mjs");
