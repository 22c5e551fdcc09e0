import type { GitHub } from "../github/github.ts";
import type { PullRequest } from "../github/pull-request.ts";
import type { LocalFacts, ShipFacts, ShipRequest } from "./facts.ts";
import { observeShip } from "./observe.ts";
import type { ShipTools } from "./tools.ts";

/** What the parts of one ship share. */
export interface ShipContext {
  readonly request: ShipRequest;
  readonly tools: ShipTools;
  readonly github: GitHub;
  /** This worktree as the ship found it. */
  readonly local: LocalFacts;
}

/** Reads all facts about a pull request. */
export function observe(pull: PullRequest, { tools, github, local }: ShipContext): Promise<ShipFacts> {
  const { remote, configuredBase, isProtected } = tools;
  return observeShip(pull, { git: tools.repository.git, github, remote, local, configuredBase, isProtected });
}
