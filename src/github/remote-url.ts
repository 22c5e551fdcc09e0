/** A repository on a GitHub server, as a remote's URL names it. */
export interface RemoteRepository {
  /** With the port, where the URL has one. */
  readonly host: string;
  readonly owner: string;
  readonly name: string;
  /** Root of the REST interface, without a slash at its end. */
  readonly apiBaseUrl: string;
}

const SCP_LIKE = /^(?:[^@/\s]+@)?(?<host>[^:/\s]+):(?!\/\/)(?<path>.+)$/;
/** One component of `owner/name`; "." and ".." are none. */
const COMPONENT = /^(?!\.{1,2}$)[A-Za-z0-9._-]+$/;

/**
 * Reads a remote's URL: https, ssh, git or scp-like (`git@host:owner/name.git`), of github.com or an Enterprise server.
 * @param apiUrl the environment's `GITHUB_API_URL`, which overrides the address derived from the host
 * @param hostOf the host behind a name that ssh knows
 * @returns null where the URL names no repository on a server: a path, say
 */
export function parseRemoteUrl(
  url: string,
  apiUrl?: string,
  hostOf: (sshHost: string) => string = (host) => host,
): RemoteRepository | null {
  const found = locate(url);
  if (found === null) return null;
  const location = { ...found, host: webHost(found.ssh ? hostOf(found.host) : found.host) };
  const [owner = "", name = "", ...rest] = location.path.replace(/^\/+|\/+$/g, "").split("/");
  const bareName = name.replace(/\.git$/, "");
  if (rest.length > 0 || !COMPONENT.test(owner) || !COMPONENT.test(bareName)) return null;
  const apiBaseUrl = apiUrl ? apiUrl.replace(/\/+$/, "") : apiBaseUrlOf(location);
  return { host: location.host, owner, name: bareName, apiBaseUrl };
}

/** The name that ssh would be given for a URL, where ssh may know it by another: not for GitHub's own hosts. */
export function sshHostOf(url: string): string | null {
  const found = locate(url);
  if (found === null || !found.ssh) return null;
  const host = found.host.toLowerCase();
  return webHost(host) === "github.com" || host.endsWith(".ghe.com") ? null : found.host;
}

/** Whether two names mean one repository: GitHub's own are not told apart by case. */
export function isSameRepository(a: RemoteRepository, b: RemoteRepository): boolean {
  const key = ({ host, owner, name }: RemoteRepository) => `${host}/${owner}/${name}`.toLowerCase();
  return key(a) === key(b);
}

interface Location {
  readonly host: string;
  readonly path: string;
  readonly protocol: "http:" | "https:";
  /** Whether ssh is what connects: then its own configuration says to which host. */
  readonly ssh: boolean;
}

function locate(url: string): Location | null {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(url)) {
    if (!URL.canParse(url)) return null;
    const { protocol, host, hostname, pathname } = new URL(url);
    if (protocol === "https:" || protocol === "http:") return { host, path: pathname, protocol, ssh: false };
    // The port of an ssh or git URL says nothing about where the REST interface listens.
    if (["ssh:", "git+ssh:", "git:"].includes(protocol)) {
      return { host: hostname, path: pathname, protocol: "https:", ssh: protocol !== "git:" };
    }
    return null;
  }
  const { host, path } = SCP_LIKE.exec(url)?.groups ?? {};
  if (host === undefined || path === undefined) return null;
  // `C:/repositories/app` is a path, not a host named C.
  if (/^[A-Za-z]$/.test(host)) return null;
  return { host, path, protocol: "https:", ssh: true };
}

/** `ssh.github.com` is github.com's door for ssh over port 443; `www.` is a habit. */
function webHost(host: string): string {
  const lower = host.toLowerCase();
  return lower === "ssh.github.com" || lower === "www.github.com" ? "github.com" : lower;
}

/** https://docs.github.com/enterprise-server/rest/using-the-rest-api/getting-started-with-the-rest-api */
function apiBaseUrlOf({ host, protocol }: Location): string {
  if (host === "github.com") return "https://api.github.com";
  if (host.endsWith(".ghe.com")) return `https://api.${host}`;
  return `${protocol}//${host}/api/v3`;
}
