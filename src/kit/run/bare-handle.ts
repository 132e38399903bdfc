/**
 * White space, invisible characters and quotation marks, which models and hosts put around a copied handle. No handle
 * begins or ends with one of them.
 */
const AROUND = /[\s\u200b-\u200d\u2060"'`<>\\“”„‘’‚«»‹›]/;

/**
 * Removes white space, invisible characters and quotation marks around a handle. Inside a handle they stay, and the handle is refused,
 * because the format allows one spelling.
 *
 * @param given the argument, as the client sent it; returned unchanged if it is not a string
 */
export function bareHandle(given: unknown): unknown {
  if (typeof given !== 'string') return given;
  let [start, end] = [0, given.length];
  while (start < end && AROUND.test(given.charAt(start))) start += 1;
  while (end > start && AROUND.test(given.charAt(end - 1))) end -= 1;
  return given.slice(start, end);
}
