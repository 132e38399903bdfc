/** Compares audiences as URLs: two spellings of one URL are the same audience. */

/**
 * Matches a URL in a plain spelling: a host in ASCII, and a path without dot segments. The URL standard gives other
 * spellings the same form, such as `https://a.example/x/../mcp`. To an authorization server, they name other resources.
 */
const PLAIN_URL = /^[a-z][a-z0-9+.-]*:\/\/[A-Za-z0-9.:[\]-]+(?:\/(?!\.{1,2}(?:\/|$))[\x21-\x24\x26-\x2e\x30-\x5b\x5d-\x7e]*)*$/i;

/**
 * Returns the normal form of an audience (RFC 3986 §6.2.3). A URL counts the same in every spelling of its host and
 * port, and with and without a slash at its end, because this server serves both paths. Any other text is its own
 * normal form.
 */
export function normalAudience(text: string): string {
  const url = PLAIN_URL.test(text) && URL.canParse(text) ? new URL(text).href : text;
  return PLAIN_URL.test(url) && !/[?#]/.test(url) ? url.replace(/\/$/, '') : url;
}

/**
 * Tells whether a text is a StringOrURI (RFC 7519 §2) of at most 512 characters. A text with a colon must be a URI.
 * Quotation marks, semicolons and brackets show that the text is a list, and so not the name of one audience.
 */
export function isAudience(text: string): boolean {
  if (!/^[^\s\p{C}"'`;,]{1,512}$/u.test(text)) return false;
  return text.includes(':') ? URL.canParse(text) : !/[[\]{}]/.test(text);
}
