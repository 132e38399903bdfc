/**
 * What models and hosts put around a copied handle: white space, visible or not, and quotation marks. No handle begins or
 * ends with one of these.
 */
const AROUND = /[\s\u200b-\u200d\u2060"'`<>\\“”„‘’‚«»‹›]/;

/**
 * Removes white space and quotation marks around a handle. Such characters inside a handle stay, and the handle is then refused,
 * because the format has one spelling.
 *
 * @param given the argument, as the client sent it; a value that is not a string is returned as it is
 */
export function bareHandle(given: unknown): unknown {
  if (typeof given !== 'string') return given;
  let [start, end] = [0, given.length];
  while (start < end && AROUND.test(given.charAt(start))) start += 1;
  while (end > start && AROUND.test(given.charAt(end - 1))) end -= 1;
  return given.slice(start, end);
}
