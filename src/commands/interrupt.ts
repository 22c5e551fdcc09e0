import { setMaxListeners } from "node:events";

/** Ctrl-C and its like: what runs is called off, children are ended, what was begun is cleaned up, then the process goes. */

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

export interface Interruption {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
  /** Which signal came; null for none. */
  readonly received: () => NodeJS.Signals | null;
  /** Stops listening. */
  readonly dispose: () => void;
}

/** Listens for signals. A second one ends the process at once, as it would have without us. */
export function listenForInterrupts(): Interruption {
  const controller = new AbortController();
  // Each git that runs listens; how many run at once is bounded elsewhere.
  setMaxListeners(0, controller.signal);
  let received: NodeJS.Signals | null = null;
  const dispose = () => {
    for (const name of SIGNALS) process.removeListener(name, listen);
  };
  const listen = (name: NodeJS.Signals) => {
    if (received !== null) {
      dispose();
      process.kill(process.pid, name);
    }
    received = name;
    // Still listening: others that do (execa, for its children) end the process at once where they are alone.
    controller.abort();
  };
  for (const name of SIGNALS) process.on(name, listen);
  return { signal: controller.signal, received: () => received, dispose };
}
