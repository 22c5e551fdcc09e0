import { type DoctorDocument, doctor } from "../app/doctor.ts";
import { defineCommand } from "./command.ts";
import { formatTable } from "./table.ts";

export const command = defineCommand({
  configure() {},
  input: () => ({}),
  run: doctor,
  text: textOf,
  exitCode: (document) => (document.protected ? 0 : 1),
});

function textOf({ coverage, checks, protected: safe }: DoctorDocument): string {
  const rounds = coverage.map((round) => [
    round.operation,
    round.protected ? "ok" : "NOT PROTECTED",
    round.hook ?? "-",
    round.residue,
  ]);
  const marks = { ok: "ok      ", warning: "warning ", failed: "FAILED  " } as const;
  return [
    formatTable([["operation", "", "blocked by", "residue"], ...rounds]),
    "",
    ...checks.map(({ name, state, detail }) => `${marks[state]}${name}: ${detail}`),
    "",
    safe ? "Everything is protected." : "Not everything is protected: see the lines marked NOT PROTECTED and FAILED.",
  ].join("\n");
}
