// Node's own modules, loaded at their first use: `node:crypto` and `node:child_process` alone cost a tenth of a start,
// and a command of every day may need neither.

/** Loaded by Node itself before any program. */
const PRESENT = new Set(["node:fs", "node:path"]);

/** As the bundler writes an import, and as commander takes what it needs for programs of its own. */
const IMPORT = /\b(?:let (node_\w+)|const (childProcess)) = require\("(node:[\w/]+)"\);/g;

/** @returns {import("rolldown").Plugin} */
export function lazyBuiltins() {
  return {
    name: "lazy-builtins",
    renderChunk(code) {
      return code.replace(IMPORT, (line, imported, required, builtin) => {
        const name = imported ?? required;
        // Each export is read where it is used, never before; but a default import is taken apart at once.
        if (PRESENT.has(builtin) || code.includes(`\n${name} = `)) return line;
        return `const ${name} = new Proxy({}, { get: (_, key) => require("${builtin}")[key] });`;
      });
    },
  };
}
