import type { DoubleRepository } from "./double-repository.ts";
import type { Addresses } from "./responses.ts";

/** Someone whom the double knows by a token. */
export interface Account {
  readonly login: string;
  readonly access: "read" | "write";
}

/** One REST request, its path already matched. */
export interface RestRequest {
  readonly at: Addresses;
  readonly repository: DoubleRepository;
  /** Null for an anonymous reader of a public repository. */
  readonly account: Account | null;
  /** What the pattern's groups matched, decoded. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface RestAnswer {
  readonly status: number;
  /** Null for no body at all. */
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Route {
  readonly method: "GET" | "PUT" | "POST" | "PATCH" | "DELETE";
  /** Matched against the path below `/repos/{owner}/{name}`. */
  readonly path: RegExp;
  /** Whether it needs write access. */
  readonly writes?: boolean;
  readonly handle: (request: RestRequest) => RestAnswer | Promise<RestAnswer>;
}

export const ok = (body: unknown): RestAnswer => ({ status: 200, body });

/** An error as the service words it. */
export function failure(status: number, message: string, headers?: Readonly<Record<string, string>>): RestAnswer {
  const body = { message, documentation_url: "https://docs.github.com/rest", status: String(status) };
  return { status, body, ...(headers === undefined ? {} : { headers }) };
}

export const notFound = (): RestAnswer => failure(404, "Not Found");

/** 422 with what is wrong with which field. */
export function invalid(resource: string, field: string, code: string, message?: string): RestAnswer {
  const answer = failure(422, "Validation Failed");
  const error = { resource, field, code, ...(message === undefined ? {} : { message }) };
  return { ...answer, body: { ...(answer.body as object), errors: [error] } };
}

/** One page of a list, with the `link` header that leads to the next. */
export function page<T>(
  items: readonly T[],
  request: RestRequest,
  url: string,
): { items: T[]; headers: Record<string, string> } {
  const size = Math.min(Number(request.query.get("per_page") ?? 30), 100);
  const number = Number(request.query.get("page") ?? 1);
  const query = new URLSearchParams(request.query);
  query.set("page", String(number + 1));
  const more = items.length > number * size;
  return {
    items: items.slice((number - 1) * size, number * size),
    headers: more ? { link: `<${url}?${query}>; rel="next"` } : {},
  };
}
