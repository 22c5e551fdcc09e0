/** How recover says sizes and times, and how its texts are fitted into columns. */

/** Seconds as people say them: `45s`, `12m`, `5h`, `9d`. */
export function age(seconds: number): string {
  if (seconds < 60) return `${Math.max(0, Math.floor(seconds))}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}

/** When something may happen. @param seconds from now */
export function deadline(seconds: number): string {
  return seconds <= 0 ? "any time now" : `in ${age(seconds)}`;
}

export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** At most so many characters, the last an ellipsis where there were more. */
export function cut(text: string, length: number): string {
  const characters = [...text];
  return characters.length <= length ? text : `${characters.slice(0, Math.max(0, length - 1)).join("")}…`;
}

export function pad(text: string, length: number): string {
  return text + " ".repeat(Math.max(0, length - [...text].length));
}

/** Lines of at most 80 columns, all indented; a word that is longer stays whole, since it may be a path to copy. */
export function wrap(text: string, indent: number, columns = 80): string[] {
  const margin = " ".repeat(indent);
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && indent + [...line].length + 1 + [...word].length > columns) {
      lines.push(margin + line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return line === "" ? lines : [...lines, margin + line];
}
