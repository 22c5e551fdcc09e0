/**
 * Cuts secrets out of text that is about to be printed or logged. Pure. Everything that prints or logs goes through it,
 * so that nobody has to think of it where a text is made.
 */

/** What stands where a secret was. */
const CUT = "***";

interface Rule {
  readonly pattern: RegExp;
  readonly replacement: string;
}

/** A word on a command line or in a header: up to white space or a quote. */
const RULES: readonly Rule[] = [
  // User and password of a URL (https://user:token@host, postgres://u:p@host). A bare `git@` of ssh is no secret.
  { pattern: /([a-z][a-z0-9+.-]*:\/\/)(?!git@)[^/\s@'"]+@/gi, replacement: `$1${CUT}@` },
  // Tokens by their shape (https://github.blog/engineering/behind-githubs-new-authentication-token-formats/).
  { pattern: /\b(gh[pousr]_|github_pat_|glpat-|xox[abprs]-)[A-Za-z0-9_-]{8,}/g, replacement: `$1${CUT}` },
  // An HTTP header: `Authorization: Bearer x`, `PRIVATE-TOKEN: x`, `Cookie: x`.
  {
    pattern:
      /\b((?:proxy-)?authorization|private-token|x-api-key|api-key|cookie)(\s*[:=]\s*)((?:basic|bearer|token)\s+)?[^\s'"]+/gi,
    replacement: `$1$2$3${CUT}`,
  },
  { pattern: /\b(bearer\s+)[A-Za-z0-9._~+/=-]{6,}/gi, replacement: `$1${CUT}` },
  // Options and assignments that name a secret: `--token x`, `--password=x`, `GITHUB_TOKEN=x`, `?access_token=x`.
  {
    pattern:
      /((?:^|[\s'"?&;])-{0,2}[\w.-]*(?:token|password|passwd|secret|passphrase|api[_-]?key)(?:=|(?<=--[\w.-]*)\s+))(?![-\s])[^\s'"&]+/gi,
    replacement: `$1${CUT}`,
  },
  // The same as JSON.
  {
    pattern: /("[\w.-]*(?:token|password|passwd|secret|passphrase|api[_-]?key)"\s*:\s*")[^"]*"/gi,
    replacement: `$1${CUT}"`,
  },
];

/** A text without secrets. */
export function redact(text: string): string {
  return RULES.reduce((cut, { pattern, replacement }) => cut.replace(pattern, replacement), text);
}
