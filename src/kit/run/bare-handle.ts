/**
 * Matches a character that models and hosts put around a copied handle: white space, an invisible character, or a
 * quotation mark. A handle itself never begins or ends with such a character.
 */
const AROUND = /[\s\u200b-\u200d\u2060"'`<>\\“”„‘’‚«»‹›]/;

/**
 * Removes white space and quotation marks around a handle. The function does not remove such characters from the middle
 * of a handle. That handle is then refused, because the format allows only one spelling of a handle.
 *
 * @param given the argument, as the client sent it; if it is not a string, the function returns it unchanged
 */
export function bareHandle(given: unknown): unknown {
  if (typeof given !== 'string') return given;
  let [start, end] = [0, given.length];
  while (start < end && AROUND.test(given.charAt(start))) start += 1;
  while (end > start && AROUND.test(given.charAt(end - 1))) end -= 1;
  return given.slice(start, end);
}
