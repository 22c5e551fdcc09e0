/** Standard output and error, written to without the streams that Node would make for them: those cost a tenth of its start. */
import { fstatSync, writeSync } from "node:fs";

export interface LeanStream {
  write(text: string): void;
  readonly isTTY: boolean;
}

/**
 * A stream of the process whose writes are done when they return, as Node's own are on these systems.
 * @param descriptor 1 or 2
 * @param stream Node's stream for it, for what this one cannot do
 * @param failed told of a write that failed
 */
export function leanStream(
  descriptor: 1 | 2,
  stream: () => NodeJS.WriteStream,
  failed: (cause: NodeJS.ErrnoException) => void,
): LeanStream {
  const fallBack = (rest: string | Buffer) => {
    const target = stream();
    if (target.listenerCount("error") === 0) target.on("error", failed);
    target.write(rest);
  };
  return {
    write(text) {
      if (process.platform === "win32") return fallBack(text);
      const bytes = Buffer.from(text);
      let written = 0;
      try {
        while (written < bytes.length) written += writeSync(descriptor, bytes, written);
      } catch (cause) {
        const error = cause as NodeJS.ErrnoException;
        // Somebody has made it non-blocking and it is full: Node's stream waits for it.
        if (error.code === "EAGAIN") fallBack(bytes.subarray(written));
        else failed(error);
      }
    },
    get isTTY() {
      return isCharacterDevice(descriptor) && stream().isTTY === true;
    },
  };
}

/** Only such a file can be a terminal. */
function isCharacterDevice(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isCharacterDevice();
  } catch {
    return false;
  }
}
