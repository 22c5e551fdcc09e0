import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/support/global-setup.ts"],
    setupFiles: ["test/support/setup.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Each test starts processes of its own; more files at once than cores only makes them wait.
    pool: "forks",
    // Not vitest's one fewer than cores: tests mostly wait for processes of their own.
    maxWorkers: Math.max(2, availableParallelism()),
  },
});
