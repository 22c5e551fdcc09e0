/** What goes wrong with a request, or what happens around it. */
export interface Fault {
  /** Matched against `METHOD /path`, the path as below the API root (`/repos/acme/app/pulls/1`), decoded. */
  readonly on: RegExp;
  /** How many matching requests it strikes; 1 unless told. */
  readonly times?: number;
  /** How many matching requests pass before the first that it strikes; none unless told. */
  readonly skip?: number;
  /** Runs before the request is acted on. */
  readonly before?: () => unknown;
  /** Runs after the act, before the answer goes out. */
  readonly after?: () => unknown;
  /** The answer in place of the real one; `drop` closes the connection without any. */
  readonly answer?: "drop" | ErrorAnswer;
  /** Whether the request is acted on although the answer says otherwise; not, unless told. */
  readonly acts?: boolean;
}

export interface ErrorAnswer {
  readonly status: number;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const MERGE = /^PUT \/repos\/[^/]+\/[^/]+\/pulls\/\d+\/merge$/;

/** The faults that the real service is known for. */
export const FAULTS = {
  /** The merge happens, the answer is a server error. */
  mergeAnsweredByServerError: (status = 502): Fault => ({
    on: MERGE,
    acts: true,
    answer: { status, message: "Server Error" },
  }),
  /** The merge happens, the connection closes before the answer. */
  mergeAnswerLost: (): Fault => ({ on: MERGE, acts: true, answer: "drop" }),
  /** The connection closes before the merge happens. */
  mergeRequestLost: (): Fault => ({ on: MERGE, answer: "drop" }),
  /** The passing 405: another merge moved the base meanwhile. */
  baseModified: (times = 1): Fault => ({
    on: MERGE,
    times,
    answer: { status: 405, message: "Base branch was modified. Review and try the merge again." },
  }),
  /** Somebody pushed to the head meanwhile. */
  headModified: (): Fault => ({
    on: MERGE,
    answer: { status: 409, message: "Head branch was modified. Review and try the merge again." },
  }),
  /** The primary limit: nothing is left until the reset, given in seconds from now. */
  rateLimited: (on: RegExp, resetsIn: number, times = 1): Fault => ({
    on,
    times,
    answer: {
      status: 403,
      message: "API rate limit exceeded for user ID 1.",
      headers: {
        "x-ratelimit-remaining": "0",
        "x-ratelimit-reset": String(Math.floor(Date.now() / 1000) + resetsIn),
      },
    },
  }),
  /** The secondary limit, with the seconds to wait. */
  secondaryLimit: (on: RegExp, retryAfter: number, times = 1): Fault => ({
    on,
    times,
    answer: {
      status: 429,
      message: "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
      headers: { "retry-after": String(retryAfter) },
    },
  }),
} as const;

/** The faults that are still to strike. */
export class FaultInjector {
  readonly #waiting: { fault: Fault; skip: number; times: number }[] = [];

  add(fault: Fault): void {
    this.#waiting.push({ fault, skip: fault.skip ?? 0, times: fault.times ?? 1 });
  }

  clear(): void {
    this.#waiting.length = 0;
  }

  /** The fault that strikes this request, used up by it. */
  take(request: string): Fault | null {
    for (const entry of this.#waiting) {
      if (entry.times <= 0 || !entry.fault.on.test(request)) continue;
      if (entry.skip > 0) entry.skip--;
      else {
        entry.times--;
        return entry.fault;
      }
    }
    return null;
  }
}
