import { spawnSync } from "node:child_process";
import { basename, join } from "node:path";
import { createGround } from "../../test/support/repository.ts";
import type { Line } from "./draw.ts";

/** Plays a short day of two agents with the built program, in real repositories. @param directory an empty one */
export function play(directory: string): Line[] {
  const { clone } = createGround({ directory, cloneName: "shop" });
  clone.bulkhead(["init", "--no-scripts"]);
  const [login, search] = [join(directory, "login"), join(directory, "search")];
  const lines: Line[] = [];
  const type = (place: string, agent: string, ...commands: string[]) => {
    for (const command of commands) {
      lines.push({ kind: "typed", text: `${basename(place)}$ ${command}` });
      // Each agent's shell is its own; both streams go where a terminal would show them.
      const env = { ...clone.env, CLAUDE_CODE_SESSION_ID: agent, GIT_AUTHOR_NAME: agent, GIT_COMMITTER_NAME: agent };
      const { stdout } = spawnSync("sh", ["-c", `{ ${command}\n} 2>&1`], { cwd: place, env, encoding: "utf8" });
      const said = stdout.split("\n").filter(Boolean);
      const refused = said.some((line) => line.startsWith("bulkhead: "));
      lines.push(...said.map((text): Line => ({ kind: refused ? "said" : "told", text })));
    }
  };
  clone.git("worktree", "add", "-q", "-b", "feat/login", login);
  clone.git("worktree", "add", "-q", "-b", "feat/search", search);
  type(login, "Ada", "git bulkhead start LOGIN-1");
  type(search, "Ben", "git bulkhead start LOGIN-1", "git -C ../login switch -c experiment");
  type(login, "Ada", "git commit --allow-empty -m 'Add the login'", "git switch feat/login");
  type(login, "Ada", "git commit --allow-empty -m 'Add the login'");
  return lines;
}
