import { createInterface } from "node:readline/promises";
import { printable } from "../domain/printable.ts";

/** Puts a question to the person at the terminal; only a clear yes is one. @param lines the last one is the question's end */
export async function askYesNo(lines: readonly string[]): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const closed = new Promise<string>((resolve) => terminal.once("close", () => resolve("")));
    const question = `${lines.map(printable).join("\n")}\nYes or no? [y/N] `;
    return /^y(es)?$/i.test((await Promise.race([terminal.question(question), closed])).trim());
  } finally {
    terminal.close();
  }
}
