import { type DoctorDocument, doctor } from "../app/doctor.ts";
import { defineCommand } from "./command.ts";
import { doctorDetails, doctorSummary } from "./doctor-text.ts";

export const command = defineCommand({
  examples: [
    ["doctor", "try every operation live, print what is protected"],
    ["doctor --verbose", "a line for each operation and each thing looked at"],
  ],
  configure(command) {
    command.option("--verbose", "a line for each operation and each thing looked at");
  },
  input: (_, options: { readonly verbose?: boolean }) => ({ verbose: options.verbose ?? false }),
  run: doctor,
  text: (document: DoctorDocument, { verbose }: { readonly verbose: boolean }) =>
    verbose ? doctorDetails(document) : doctorSummary(document),
  exitCode: (document) => (document.protected ? 0 : 1),
});
