import { spawn } from "node:child_process";
import type { IncomingMessage, ServerResponse } from "node:http";

/** One request to `git http-backend` (https://git-scm.com/docs/git-http-backend). */
export interface SmartHttpRequest {
  /** Holds the repositories as `<owner>/<name>.git`. */
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  /** Path below the root, decoded. */
  readonly path: string;
  readonly query: string;
  /** Who is logged in: without one, git takes no push. */
  readonly login: string | null;
}

/** Answers a clone, fetch or push; resolves when git is done. */
export function serveGit(request: IncomingMessage, response: ServerResponse, options: SmartHttpRequest): Promise<void> {
  const header = (name: string) => String(request.headers[name] ?? "");
  const child = spawn("git", ["http-backend"], {
    env: {
      ...options.env,
      GIT_PROJECT_ROOT: options.root,
      GIT_HTTP_EXPORT_ALL: "1",
      PATH_INFO: options.path,
      QUERY_STRING: options.query,
      REQUEST_METHOD: request.method ?? "GET",
      CONTENT_TYPE: header("content-type"),
      HTTP_CONTENT_ENCODING: header("content-encoding"),
      GIT_PROTOCOL: header("git-protocol"),
      REMOTE_ADDR: "127.0.0.1",
      ...(request.headers["content-length"] ? { CONTENT_LENGTH: request.headers["content-length"] } : {}),
      ...(options.login === null ? {} : { REMOTE_USER: options.login }),
    },
    stdio: ["pipe", "pipe", "ignore"],
  });
  request.pipe(child.stdin);
  child.stdin.on("error", () => {});
  let head = Buffer.alloc(0);
  let headSent = false;
  child.stdout.on("data", (chunk: Buffer) => {
    if (headSent) return void response.write(chunk);
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf("\r\n\r\n");
    if (end < 0) return;
    headSent = true;
    sendHead(response, head.subarray(0, end).toString("latin1"));
    response.write(head.subarray(end + 4));
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", () => {
      if (!headSent) response.writeHead(500);
      response.end();
      resolve();
    });
  });
}

function sendHead(response: ServerResponse, head: string): void {
  let status = 200;
  for (const line of head.split("\r\n")) {
    const [name = "", value = ""] = line.split(/:\s*/, 2);
    if (name.toLowerCase() === "status") status = Number.parseInt(value, 10);
    else response.setHeader(name, value);
  }
  response.writeHead(status);
}
