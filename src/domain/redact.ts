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

/** Names of options, variables, parameters and keys that hold a secret. */
const SECRET =
  "(?:[\\w.-]*(?:token|passwd|password|passphrase|secret|credentials?|api[_-]?key|access[_-]?key|private[_-]?key|signature)|(?:[\\w.-]*[._-])?(?:pass|pwd|sig))";
/** A value on a command line: quoted, or up to white space or what ends it in a URL. */
const VALUE = `(?:'[^']*'|"[^"]*"|[^\\s'"&]+)`;
/** Prefixes that issuers give their tokens, and how much has to follow. */
const PREFIXES =
  "gh[pousr]_|github_pat_|gl[a-z]{1,5}-|xox[abeprs]-|xapp-|sk-ant-|sk-proj-|[rs]k_(?:live|test)_|npm_|hf_|pypi-|dckr_pat_|shp(?:at|ss|pa)_|ya29\\.|AIza|ATATT|dop_v1_";

const RULES: readonly Rule[] = [
  // User and password of a URL (https://user:token@host, postgres://u:p@host), whatever stands in the password; but not a port
  // with an `@` somewhere in the path. A bare `git@` of ssh is no secret.
  {
    pattern: /(?<![a-z0-9+.-])([a-z][a-z0-9+.-]*:\/\/)[^\s'"/@:]*:(?!\d{1,5}\/)[^\s'"]{0,512}@(?=[^\s'"@])/gi,
    replacement: `$1${CUT}@`,
  },
  { pattern: /(?<![a-z0-9+.-])([a-z][a-z0-9+.-]*:\/\/)(?!git@)[^/\s@'"]+@/gi, replacement: `$1${CUT}@` },
  // The same without a scheme, as scp writes it.
  { pattern: /(^|[\s'"=])[\w.-]+:[^\s'"@/]+@(?=[\w.-]+:)/g, replacement: `$1${CUT}@` },
  // Tokens by their shape (https://github.blog/engineering/behind-githubs-new-authentication-token-formats/).
  { pattern: new RegExp(`\\b(${PREFIXES})(?=[\\w.-]*\\d|[\\w.-]{20})[\\w.-]{8,}`, "g"), replacement: `$1${CUT}` },
  { pattern: /\b(A[KS]IA)[0-9A-Z]{12,}\b/g, replacement: `$1${CUT}` },
  { pattern: /\beyJ[\w-]{6,}\.[\w-]{4,}(?:\.[\w-]+)?/g, replacement: CUT },
  // HTTP headers: `Authorization: Bearer x`, `PRIVATE-TOKEN: x`, `Cookie: a=b; c=d`. Their value goes on to the quote that ends it.
  {
    pattern: /\b((?:proxy-)?authorization)(\s*[:=]\s*)((?:basic|bearer|digest|negotiate|token)\s+)?[^\s'"][^'"\n]*/gi,
    replacement: `$1$2$3${CUT}`,
  },
  { pattern: /\b((?:set-)?cookie)(\s*[:=]\s*)[^\s'"][^'"\n]*/gi, replacement: `$1$2${CUT}` },
  {
    pattern: /(?<![\w-])((?:\w+-)+(?:token|key|secret|password)|api[_-]?key)(\s*:\s*)(?!\*)[^\s'"]+/gi,
    replacement: `$1$2${CUT}`,
  },
  { pattern: /\b(bearer\s+)[A-Za-z0-9._~+/=-]{6,}/gi, replacement: `$1${CUT}` },
  // Options and assignments that name a secret: `--token x`, `--password=x`, `GITHUB_TOKEN=x`, `?access_token=x`.
  {
    pattern: new RegExp(`((?:^|[\\s'"?&;])-{0,2}${SECRET}=)(?!\\s)${VALUE}`, "gi"),
    replacement: `$1${CUT}`,
  },
  { pattern: new RegExp(`((?:^|[\\s'"])--${SECRET}\\s+)(?![-\\s])${VALUE}`, "gi"), replacement: `$1${CUT}` },
  // `token: x` as in a list of settings; where a sentence goes on there are only letters.
  {
    pattern: new RegExp(`((?:^|[\\s'"{,])${SECRET}:\\s*)(?=[^\\s'"]*\\d|[^\\s'"]{20})[^\\s'"]+`, "gi"),
    replacement: `$1${CUT}`,
  },
  // The same as JSON.
  { pattern: new RegExp(`("${SECRET}"\\s*:\\s*")[^"]*"`, "gi"), replacement: `$1${CUT}"` },
];

/** What each of the rules needs: a sign that gives a value to a name, an option, or a token's own beginning. */
const SUSPICIOUS = new RegExp(`[:=]|--|A[KS]IA|eyJ|bearer|${PREFIXES}`, "i");

/** A text without secrets. */
export function redact(text: string): string {
  // Most texts are object names, paths and subjects, in which no rule finds anything.
  if (!SUSPICIOUS.test(text)) return text;
  return RULES.reduce((cut, { pattern, replacement }) => cut.replace(pattern, replacement), text);
}
