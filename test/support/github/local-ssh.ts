import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { GitHubGround } from "./ground.ts";

/**
 * Lets a ground's clone reach its repository as `git@github.com:acme/app.git`, by a stand-in for ssh that runs git's own
 * programs in the bare repository: a fraction of what the same costs over HTTP. It is `ssh` on the PATH, and knows `gh-work`
 * as a name for github.com.
 * @returns what the environment needs for it; while the file `cut` in the ground's directory is there, no connection is made
 */
export function overSsh({ clone, directory, env, github, repository }: GitHubGround): NodeJS.ProcessEnv {
  const bin = join(directory, "ssh-bin");
  const script = join(bin, "ssh");
  const cut = join(directory, "cut");
  // The last word is git's command with the path in quotes: `git-upload-pack 'acme/app.git'`.
  const text = `#!/bin/sh
if [ "$1" = -G ]; then
  case $2 in gh-work) echo "hostname github.com" ;; *) echo "hostname $2" ;; esac
  exit
fi
[ -e '${cut}' ] && exit 255
for word; do :; done
case $word in
git-upload-pack*) exec git upload-pack '${repository.path}' ;;
git-receive-pack*) exec git receive-pack '${repository.path}' ;;
esac
exit 255
`;
  mkdirSync(bin);
  writeFileSync(script, text);
  chmodSync(script, 0o755);
  clone.git("remote", "set-url", "origin", "git@github.com:acme/app.git");
  return { PATH: `${bin}${delimiter}${env.PATH}`, GIT_SSH_VARIANT: "ssh", GITHUB_API_URL: github.apiUrl };
}
