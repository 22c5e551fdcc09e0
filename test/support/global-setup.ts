import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Tests run the built product, never its sources: build it once, before the first. */
export default function setup(): void {
  if (process.env.BULKHEAD_TEST_SKIP_BUILD === "1") return;
  execFileSync(process.execPath, [fileURLToPath(new URL("../../scripts/build.mjs", import.meta.url)), "--no-types"], {
    stdio: "inherit",
  });
}
