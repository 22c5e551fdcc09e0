/**
 * The proxy through which an address is reached, as curl and git have it: `https_proxy`, `http_proxy`, `all_proxy` in small
 * or capital letters (`HTTP_PROXY` only in small ones would be curl's rule for CGI, which does not matter here), unless
 * `no_proxy` names the host. Null without one. Pure.
 */
export function proxyFor(address: string, env: NodeJS.ProcessEnv): string | null {
  const { protocol, hostname, port } = new URL(address);
  const read = (name: string) => env[name] || env[name.toUpperCase()] || null;
  const proxy = read(protocol === "https:" ? "https_proxy" : "http_proxy") ?? read("all_proxy");
  if (proxy === null || isExempt(hostname, port, read("no_proxy") ?? "")) return null;
  const full = /^[a-z][a-z0-9+.-]*:\/\//i.test(proxy) ? proxy : `http://${proxy}`;
  // Others (SOCKS) are beyond the client: then the request goes directly, and fails where it must.
  return URL.canParse(full) && /^https?:/i.test(full) ? full : null;
}

/** `*`, `example.org` (and what lies below it), `.example.org`, `host:port`. */
function isExempt(hostname: string, port: string, list: string): boolean {
  const host = hostname.toLowerCase();
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(Boolean)
    .some((entry) => {
      if (entry === "*") return true;
      const [, name = entry, only] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? [];
      if (only !== undefined && only !== port) return false;
      const bare = name.replace(/^\*?\./, "");
      return host === bare || host.endsWith(`.${bare}`);
    });
}
