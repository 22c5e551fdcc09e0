import { metrics } from "../app/metrics.ts";
import { defineCommand } from "./command.ts";
import { formatTable } from "./table.ts";

export const command = defineCommand({
  examples: [["metrics", "sessions, claims and events of the last 24 hours"]],
  configure(command) {
    command.usage("[options]");
  },
  input: () => ({}),
  run: metrics,
  text: (document) => formatTable(Object.entries(document).map(([name, value]) => [name, String(value ?? "-")])),
});
