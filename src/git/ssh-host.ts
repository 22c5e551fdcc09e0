import { basename } from "node:path";
import { execa } from "execa";

/** Milliseconds that ssh may take to read its own configuration. */
const TIMEOUT_MS = 5_000;
/** Words that mean the same to a shell and to us: no quotes, variables, separators. */
const PLAIN_WORDS = /^[A-Za-z0-9_@%+=:,./\\\s~-]+$/;

/**
 * The host that ssh connects to for a name: `Host gh-work` with `HostName github.com`, say. It is the name itself where
 * ssh is not there or does not know better. Sends nothing.
 * @param command git's own ssh command (`GIT_SSH_COMMAND`, `core.sshCommand`), used where it is OpenSSH with plain options
 */
export async function resolveSshHost(host: string, env: NodeJS.ProcessEnv, command: string | null): Promise<string> {
  // What begins with a dash would be an option.
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(host)) return host;
  const [program, ...args] = sshWords(command);
  const result = await execa(program, [...args, "-G", host], {
    env,
    extendEnv: false,
    reject: false,
    stdin: "ignore",
    timeout: TIMEOUT_MS,
  });
  if (result.exitCode !== 0) return host;
  const [, found] = /^hostname (\S+)$/m.exec(result.stdout) ?? [];
  return (found ?? host).toLowerCase();
}

function sshWords(command: string | null): [string, ...string[]] {
  const [program, ...args] = (command ?? "").trim().split(/\s+/);
  const usable = program !== undefined && PLAIN_WORDS.test(command ?? "") && /^ssh(\.exe)?$/i.test(basename(program));
  return usable ? [program, ...args] : ["ssh"];
}
