import { expect, test } from "vitest";
import type { ShipRequest } from "../../src/ship/facts.ts";
import type { ErrorAnswer, Fault } from "../support/github/faults.ts";
import type { LoggedRequest } from "../support/github/github-double.ts";
import { mortalShip } from "../support/github/mortal.ts";
import { createStory, expectShipped, type Story } from "../support/github/story.ts";

/** What may come in place of an answer. */
const ANSWERS: Readonly<Record<string, "drop" | ErrorAnswer>> = {
  lost: "drop",
  "502": { status: 502, message: "Server Error" },
  "405": { status: 405, message: "Method Not Allowed" },
  "409": { status: 409, message: "Conflict" },
  "403": { status: 403, message: "Resource not accessible by personal access token" },
  // Longer than a ship waits by itself.
  "429": { status: 429, message: "You have exceeded a secondary rate limit.", headers: { "retry-after": "300" } },
};

interface Case {
  readonly name: string;
  readonly fault: Fault;
}

/** Each request of a ship with each answer in its place; a request that writes also done in spite of its answer. */
function everyAnswer(requests: readonly LoggedRequest[]): Case[] {
  return requests.flatMap(({ method, path }, index) => {
    const same = (other: LoggedRequest) => other.method === method && other.path === path;
    const skip = requests.slice(0, index).filter(same).length;
    const on = new RegExp(`^${`${method} ${path}`.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`);
    const reads = method === "GET" || method === "QUERY";
    return Object.entries(ANSWERS).flatMap(([answerName, answer]): Case[] => {
      const name = `${index}: ${method} ${path}: ${answerName}`;
      const once: Case = { name, fault: { on, skip, answer } };
      return reads ? [once] : [once, { name: `${name}, though it was done`, fault: { on, skip, answer, acts: true } }];
    });
  });
}

const REQUEST: Partial<ShipRequest> = { target: { number: 1 } };
const TIME_LIMIT = 900_000;
const SHARES = 4;

async function tryCase(story: Story, { name, fault }: Case): Promise<void> {
  const { ground, env, putBack } = story;
  putBack();
  ground.github.inject(fault);
  const first = await mortalShip(ground, ground.clone, REQUEST, null, env);
  const merged = ground.repository.pulls.get(1)?.merged !== null;
  if (first.ending !== null && "message" in first.ending) {
    const { message, exitCode } = first.ending;
    // Never "not merged" of what is merged, never more than a wait or a failure.
    if (merged) expect([name, message]).not.toEqual([name, expect.stringMatching(/not merged|nothing was/i)]);
    expect([name, [1, 3, 5].includes(exitCode)]).toEqual([name, true]);
  } else expect([name, merged]).toEqual([name, true]);
  ground.github.forgetFaults();
  const next = await mortalShip(ground, ground.clone, REQUEST, null, env);
  expect([name, next.ending]).toMatchObject([name, { result: { merge: { state: "merged" } } }]);
  await expectShipped(story, name);
}

test.each([false, true].flatMap((background) => Array.from({ length: SHARES }, (_, share) => ({ background, share }))))(
  "whatever GitHub answers, the next ship finishes, and nothing merged is called unmerged (background: $background, $share)",
  async ({ background, share }) => {
    const story = await createStory(false);
    const { ground, env } = story;
    ground.repository.asyncMergeReads = background ? 1 : null;
    expect((await mortalShip(ground, ground.clone, REQUEST, null, env)).ending).toMatchObject({
      result: { merge: { state: "merged" } },
    });
    await expectShipped(story, "unharmed");
    const cases = everyAnswer([...ground.github.requests]);
    // What the two ways have in common is tried once.
    const wanted = background ? cases.filter(({ name }) => name.includes("merge-async")) : cases;
    for (const one of wanted.filter((_, index) => index % SHARES === share)) await tryCase(story, one);
  },
  TIME_LIMIT,
);
