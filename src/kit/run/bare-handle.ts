/** What models and hosts put around what they copy: white space, also of the kind that nobody sees, and quotes. No handle begins or ends so. */
const AROUND = /[\s\u200b-\u200d\u2060"'`<>\\“”„‘’‚«»‹›]/;

/**
 * A handle without what stands around it. What stands within it stays, and is refused: the format has one spelling.
 *
 * @param given as the client sent it
 */
export function bareHandle(given: unknown): unknown {
  if (typeof given !== 'string') return given;
  let [start, end] = [0, given.length];
  while (start < end && AROUND.test(given.charAt(start))) start += 1;
  while (end > start && AROUND.test(given.charAt(end - 1))) end -= 1;
  return given.slice(start, end);
}
