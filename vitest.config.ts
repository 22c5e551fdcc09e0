import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/support/global-setup.ts"],
    setupFiles: ["test/support/setup.ts"],
    // Only what hangs meets these: on a busy machine a test of many processes takes many times as long.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    pool: "forks",
    // Three at least, not one fewer than cores: tests mostly wait for processes that they started.
    maxWorkers: Math.max(3, availableParallelism()),
  },
});
