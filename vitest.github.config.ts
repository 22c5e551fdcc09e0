import { defineConfig } from "vitest/config";

/** The scenarios that run against the real GitHub, asked for by name alone: `npm run test:github`. */
export default defineConfig({
  test: {
    include: ["test/real/**/*.real.ts"],
    globalSetup: ["test/support/global-setup.ts"],
    setupFiles: ["test/support/setup.ts"],
    // One after the other, and with the patience that a network and GitHub's own queues ask for.
    fileParallelism: false,
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});
