/** A part of a text, from the index of its first character to the index after its last character. */
export interface Part {
  readonly index: number;
  readonly end: number;
}

/** A text made from a source text. */
export interface Mapped {
  readonly text: string;
  /** For each character of `text`: where its source begins. */
  readonly from: Int32Array;
  /** For each character of `text`: where its source ends. */
  readonly to: Int32Array;
}

export function mapped(source: string, start: number, end: number): Mapped {
  const [from, to] = [new Int32Array(end - start), new Int32Array(end - start)];
  for (let at = 0; at < from.length; at += 1) {
    from[at] = start + at;
    to[at] = start + at + 1;
  }
  return { text: source.slice(start, end), from, to };
}

/**
 * Returns the text that replaces a match, or undefined to keep the match. `length` is the number of characters to
 * replace, from the beginning of the match. It may exceed the match. By default, the whole match is replaced.
 */
export type Rewrite = (match: RegExpExecArray) => string | { readonly put: string; readonly length: number } | undefined;

/** A part of a text, and the text that replaces it. */
interface Replacement extends Part {
  readonly put: string;
}

/**
 * Replaces the matches of a pattern. Returns the source itself if nothing is replaced.
 *
 * @param pattern a pattern with the flag `g`
 */
export function rewritten(source: Mapped, pattern: RegExp, rewrite: Rewrite): Mapped {
  const replacements: Replacement[] = [];
  let [done, length] = [0, source.text.length];
  for (const match of source.text.matchAll(pattern)) {
    if (match.index < done) continue;
    const rewriting = rewrite(match);
    if (rewriting === undefined) continue;
    const { put, length: replaced } = typeof rewriting === 'string' ? { put: rewriting, length: match[0].length } : rewriting;
    done = match.index + replaced;
    length += put.length - replaced;
    replacements.push({ index: match.index, end: done, put });
  }
  return replacements.length === 0 ? source : withReplacements(source, replacements, length);
}

/** @param length the length of the new text */
function withReplacements(source: Mapped, replacements: readonly Replacement[], length: number): Mapped {
  const [from, to] = [new Int32Array(length), new Int32Array(length)];
  let text = '';
  let done = 0;
  const copy = (end: number) => {
    from.set(source.from.subarray(done, end), text.length);
    to.set(source.to.subarray(done, end), text.length);
    text += source.text.slice(done, end);
  };
  for (const { index, end, put } of replacements) {
    copy(index);
    from.fill(source.from[index] ?? 0, text.length, text.length + put.length);
    to.fill(source.to[end - 1] ?? 0, text.length, text.length + put.length);
    text += put;
    done = end;
  }
  copy(source.text.length);
  return { text, from, to };
}
