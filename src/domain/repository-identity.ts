/**
 * One name for a repository, whichever way it was cloned: `host/path` of its origin, lower-case host, without
 * user, password, port, `.git` and trailing slash. Pure.
 * @param url the origin's URL as configured; null when there is none
 * @param fallback names the clone where no URL does
 */
export function repositoryIdentity(url: string | null, fallback: string): string {
  const text = url?.trim() ?? "";
  if (text === "") return `local:${fallback}`;
  const parsed = splitUrl(text);
  if (parsed === null) return `local:${trimPath(text.replace(/^file:\/\//, ""))}`;
  return `${parsed.host.toLowerCase()}/${trimPath(parsed.path).replace(/^\/+/, "")}`;
}

/** The last part of a repository's name, for people. */
export function codebaseName(identity: string): string {
  return identity.split(/[\\/:]/).findLast((part) => part !== "") ?? identity;
}

function splitUrl(text: string): { host: string; path: string } | null {
  const url = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/@]*@)?(\[[^\]]*\]|[^/:]*)(?::\d*)?(\/.*)?$/i.exec(text);
  if (url !== null) return url[1] ? { host: url[1], path: url[2] ?? "" } : null;
  // scp's form, host:path. One letter before the colon is a Windows drive, a slash before it a local path.
  const scp = /^(?:[^/@]*@)?([^/:\\]{2,}):(.*)$/.exec(text);
  return scp === null ? null : { host: scp[1] ?? "", path: scp[2] ?? "" };
}

function trimPath(path: string): string {
  return path
    .replace(/\/+$/, "")
    .replace(/\.git$/, "")
    .replace(/\/+$/, "");
}
