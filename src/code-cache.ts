/**
 * Lets V8 take the program's compiled code from the user's cache directory: compiling it anew is a third of what a command of
 * every day costs. Node does that itself from 22.1 on; for Node 20 it is done here in the same way. A cache is only used where
 * nobody but the user can have written it, V8 refuses what another version made, and without one all works as well: so nothing
 * here throws, and nothing is said.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import nodeModule from "node:module";
import { basename, dirname, isAbsolute, join } from "node:path";
import { constants, Script } from "node:vm";

/** Each of these gets a cache of just what it runs; all others share one of what they load. */
const EVERY_DAY = new Set("start status sessions release heartbeat expect worktree ship recover".split(" "));

/** Milliseconds after which the cache of a version that nobody has started is taken away. */
const FORGOTTEN_MS = 30 * 24 * 3600 * 1000;

/** What Node's module loader has beside what it declares. */
interface Loader {
  readonly enableCompileCache?: (directory: string) => unknown;
  readonly wrap: (source: string) => string;
  readonly prototype: { _compile(this: LoadedModule, source: string, file: string): unknown };
}

interface LoadedModule {
  readonly exports: unknown;
  require(name: string): unknown;
}

/**
 * Has every file of this program that is loaded from now on taken from the cache, and put into it when the process ends.
 * @param program the directory of the program's files
 * @param words the command line
 */
export function cacheCode(program: string, words: readonly string[], env: NodeJS.ProcessEnv, version: string): void {
  try {
    const home = cacheHome(env);
    if (home === null || env.NODE_DISABLE_COMPILE_CACHE !== undefined) return;
    const loader = nodeModule as unknown as Loader;
    const directory = join(home, `${version}-node-${process.version}-${process.arch}`);
    if (!isOurs(directory)) return;
    if (loader.enableCompileCache !== undefined) loader.enableCompileCache(directory);
    else compileFromCache(loader, program, directory, words.find((word) => EVERY_DAY.has(word)) ?? "other");
  } catch {
    return;
  }
}

/** Where this user's programs keep what they can do without; null where nothing says. */
function cacheHome(env: NodeJS.ProcessEnv): string | null {
  const { XDG_CACHE_HOME: xdg, HOME: home, LOCALAPPDATA: local } = env;
  const place = process.platform === "win32" ? local : xdg || (home && join(home, ".cache"));
  return place && isAbsolute(place) ? join(place, "bulkhead", "code") : null;
}

/** Whether nobody else can have put anything there; makes the directory where it is missing. */
function isOurs(directory: string): boolean {
  let found = statSync(directory, { throwIfNoEntry: false });
  if (found === undefined) {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    forgetOthers(dirname(directory));
    found = statSync(directory);
  }
  const user = process.geteuid?.();
  return user === undefined || (found.uid === user && (found.mode & 0o022) === 0);
}

/** Versions come and go: what none has used for long is taken away. */
function forgetOthers(parent: string): void {
  for (const name of readdirSync(parent)) {
    const path = join(parent, name);
    if (Date.now() - statSync(path).mtimeMs > FORGOTTEN_MS) rmSync(path, { recursive: true, force: true });
  }
}

function compileFromCache(loader: Loader, program: string, directory: string, command: string): void {
  const compile = loader.prototype._compile;
  const made = new Map<string, Script>();
  process.once("exit", () => {
    for (const [path, script] of made) writeCache(path, script);
  });
  loader.prototype._compile = function (source, file) {
    if (!file.startsWith(program)) return compile.call(this, source, file);
    // Built files are named by what they hold.
    const cached = join(directory, `${basename(file)}.${command}`);
    const cachedData = readCache(cached);
    const script = new Script(loader.wrap(source), {
      filename: file,
      importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
      ...(cachedData === undefined ? {} : { cachedData }),
    });
    if (script.cachedDataRejected !== false) made.set(cached, script);
    const run = script.runInThisContext() as (...scope: unknown[]) => unknown;
    return run.call(this.exports, this.exports, (name: string) => this.require(name), this, file, dirname(file));
  };
}

function readCache(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

/** Written when the process ends: by then it holds every function that has been run. */
function writeCache(path: string, script: Script): void {
  try {
    const draft = `${path}.${process.pid}`;
    writeFileSync(draft, script.createCachedData(), { mode: 0o600 });
    renameSync(draft, path);
  } catch {
    return;
  }
}
