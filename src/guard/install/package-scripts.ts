import { applyEdits, modify, parse } from "jsonc-parser";

/** npm scripts, under the names that the operators' handbook uses, each with the command that it runs. */
export const SCRIPTS = {
  "git:recover": "bulkhead recover",
  "sd:start": "bulkhead start",
  "session:worktree": "bulkhead worktree",
} as const;

/** Arms the guard on `npm install`, and says what to do where Bulkhead is not installed (yet). */
const PREPARE = "(bulkhead init --quiet || echo Bulkhead is not armed here. Install it and run: npx bulkhead init)";

/**
 * package.json with Bulkhead's scripts added; scripts of the same name are left as they are, and so is the formatting.
 * @param addPrepare also arm the guard in the `prepare` script, behind what stands there
 */
export function withPackageScripts(content: string, addPrepare: boolean): string {
  const scripts = readScripts(content);
  let text = content;
  const set = (name: string, value: string) => {
    text = withScript(text, name, value);
  };
  for (const [name, command] of Object.entries(SCRIPTS)) if (scripts[name] === undefined) set(name, command);
  const prepare = scripts.prepare;
  if (addPrepare && !prepare?.includes("bulkhead init")) {
    set("prepare", prepare === undefined || prepare === "" ? PREPARE : `${prepare} && ${PREPARE}`);
  }
  return text;
}

/** Which of the scripts `withPackageScripts` would add. */
export function missingScripts(content: string): (keyof typeof SCRIPTS)[] {
  const scripts = readScripts(content);
  return (Object.keys(SCRIPTS) as (keyof typeof SCRIPTS)[]).filter((name) => scripts[name] === undefined);
}

/** package.json without the scripts that were added since `original`; a `prepare` gets back what it said then. */
export function withoutPackageScripts(content: string, original: string): string {
  const earlier = readScripts(original);
  let text = content;
  for (const [name, command] of Object.entries(SCRIPTS)) {
    if (earlier[name] === undefined && readScripts(text)[name] === command) text = withScript(text, name, undefined);
  }
  const prepare = readScripts(text).prepare;
  if (prepare?.includes(PREPARE)) {
    const rest = prepare.replace(` && ${PREPARE}`, "").replace(PREPARE, "");
    text = withScript(text, "prepare", rest === "" ? undefined : rest);
  }
  return text;
}

function readScripts(content: string): Record<string, string | undefined> {
  return (parse(content) as { scripts?: Record<string, string> } | undefined)?.scripts ?? {};
}

/** Sets (or, with undefined, removes) one script and keeps the file's formatting. */
function withScript(content: string, name: string, value: string | undefined): string {
  const formattingOptions = {
    insertSpaces: !/^\t/m.test(content),
    tabSize: /^( +)"/m.exec(content)?.[1]?.length ?? 2,
    eol: content.includes("\r\n") ? "\r\n" : "\n",
  };
  return applyEdits(content, modify(content, ["scripts", name], value, { formattingOptions }));
}
