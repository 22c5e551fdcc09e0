/** A line of a terminal: what somebody typed, or what came back. */
export interface Line {
  readonly kind: "typed" | "said" | "told";
  readonly text: string;
}

const COLUMNS = 96;
const [CHARACTER, HEIGHT, SIZE, MARGIN, BAR] = [7.8, 19, 13, 18, 34];
const COLOURS = { typed: "#e6edf3", said: "#f2cc60", told: "#9da7b3" } as const;

/** Draws lines as a terminal, in SVG. Pure. */
export function draw(lines: readonly Line[], title: string): string {
  const rows = lines.flatMap(({ kind, text }) => folded(text).map((part) => ({ kind, part })));
  const width = Math.ceil(COLUMNS * CHARACTER + 2 * MARGIN);
  const height = BAR + rows.length * HEIGHT + MARGIN;
  const text = rows.map(
    ({ kind, part }, at) =>
      `<text x="${MARGIN}" y="${BAR + (at + 1) * HEIGHT - 5}" fill="${COLOURS[kind]}" xml:space="preserve">${escaped(part)}</text>`,
  );
  const lights = ["#ff5f57", "#febc2e", "#28c840"].map(
    (fill, at) => `<circle cx="${MARGIN + at * 18}" cy="17" r="5" fill="${fill}"/>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" rx="8" fill="#0d1117"/>`,
    ...lights,
    `<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="${SIZE}">`,
    ...text,
    "</g>",
    "</svg>",
    "",
  ].join("\n");
}

/** As a terminal of that width would break it, but at words. */
function folded(text: string): string[] {
  const rows: string[] = [];
  let row = "";
  for (const word of text.split(/(?<= )/)) {
    if ((row + word).trimEnd().length > COLUMNS) {
      rows.push(row.trimEnd());
      row = "    ";
    }
    row += word;
  }
  return [...rows, row.trimEnd()];
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
