/**
 * Loaded before the built program (`node --import`), it counts what the program does to the world: each change of the file
 * system and each git that may write. At the step that the environment names it ends the process by SIGKILL, or lets
 * that step and all after it fail as on a full disk. The program itself knows nothing of it.
 */
import childProcess from "node:child_process";
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

const { BULKHEAD_STEPS_LOG: log, BULKHEAD_STEPS_KILL: killAt, BULKHEAD_STEPS_FULL: fullFrom } = process.env;
const { appendFileSync, lstatSync } = fs;
const write = (path, text) => {
  const before = inside;
  inside = true;
  appendFileSync(path, text);
  inside = before;
};
const exists = (path) => typeof path === "string" && lstatSync(path, { throwIfNoEntry: false }) !== undefined;
let steps = 0;
let inside = false;

/** One step: what has happened before it is on the disk. */
function step(what, grows) {
  steps++;
  if (log) write(log, `${what}\n`);
  if (steps === Number(killAt)) {
    process.kill(process.pid, "SIGKILL");
    // The signal comes at once; nothing may happen before it does.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  }
  if (grows && isFull()) throw noRoom();
}

function isFull() {
  return Boolean(fullFrom) && steps >= Number(fullFrom);
}

function noRoom() {
  return Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
}

/** Whether a call changes anything; what does not is no step. */
const CHANGES = {
  renameSync: () => true,
  linkSync: () => true,
  symlinkSync: () => true,
  copyFileSync: () => true,
  writeFileSync: () => true,
  appendFileSync: () => true,
  unlinkSync: exists,
  rmdirSync: exists,
  rmSync: exists,
  mkdirSync: (path) => !exists(path),
  // A draft counts when it takes its name.
  openSync: (path, flags = "r") => flags !== "r" && !String(path).endsWith(".tmp"),
};
/** These need room on the disk. */
const GROWS = new Set([
  "linkSync",
  "symlinkSync",
  "copyFileSync",
  "writeFileSync",
  "appendFileSync",
  "mkdirSync",
  "openSync",
]);

for (const [name, changes] of Object.entries(CHANGES)) {
  const real = fs[name];
  fs[name] = (...args) => {
    // Node's own functions call each other: the outermost is the step.
    if (inside) return real(...args);
    inside = true;
    try {
      if (changes(...args)) step(`${name} ${args[0]}`, GROWS.has(name));
      else if (name === "openSync" && isFull() && args[1] !== "r") throw noRoom();
      return real(...args);
    } finally {
      inside = false;
    }
  };
}

const { spawn } = childProcess;
childProcess.spawn = (program, args, options) => {
  const writes = program === "git" && options?.env?.GIT_OPTIONAL_LOCKS !== "0";
  if (!writes) return spawn(program, args, options);
  step(`git ${args.join(" ")}`, false);
  // A full disk for git, too: no file may grow.
  const child = isFull()
    ? spawn("/bin/sh", ["-c", 'trap "" XFSZ; ulimit -f 0; exec git "$@"', "git", ...args], options)
    : spawn(program, args, options);
  // git goes on alone, as it does when only its parent is killed.
  step(`started: git ${args.join(" ")}`, false);
  return child;
};
syncBuiltinESMExports();
