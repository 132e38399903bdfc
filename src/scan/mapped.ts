/** A part of a text, from the index of its first character to the index after its last character. */
export interface Part {
  readonly index: number;
  readonly end: number;
}

/** A text made from a source text. */
export interface Mapped {
  readonly text: string;
  /** For each character of `text`: where its source begins. */
  readonly from: readonly number[];
  /** For each character of `text`: where its source ends. */
  readonly to: readonly number[];
}

export function mapped(source: string, start: number, end: number): Mapped {
  const [from, to]: number[][] = [[], []];
  for (let at = start; at < end; at += 1) {
    from?.push(at);
    to?.push(at + 1);
  }
  return { text: source.slice(start, end), from: from ?? [], to: to ?? [] };
}

/**
 * Returns the text that replaces a match, or undefined to keep the match. `length` is the number of characters to
 * replace, from the beginning of the match. It may exceed the match. By default, the whole match is replaced.
 */
export type Rewrite = (match: RegExpExecArray) => string | { readonly put: string; readonly length: number } | undefined;

/**
 * Replaces the matches of a pattern. Returns the source itself if nothing is replaced.
 *
 * @param pattern a pattern with the flag `g`
 */
export function rewritten(source: Mapped, pattern: RegExp, rewrite: Rewrite): Mapped {
  const parts: string[] = [];
  const from: number[] = [];
  const to: number[] = [];
  let done = 0;
  const copy = (end: number) => {
    parts.push(source.text.slice(done, end));
    for (let at = done; at < end; at += 1) {
      from.push(source.from[at] ?? 0);
      to.push(source.to[at] ?? 0);
    }
  };
  for (const match of source.text.matchAll(pattern)) {
    if (match.index < done) continue;
    const rewriting = rewrite(match);
    if (rewriting === undefined) continue;
    const { put, length } = typeof rewriting === 'string' ? { put: rewriting, length: match[0].length } : rewriting;
    copy(match.index);
    done = match.index + length;
    parts.push(put);
    for (let at = 0; at < put.length; at += 1) {
      from.push(source.from[match.index] ?? 0);
      to.push(source.to[done - 1] ?? 0);
    }
  }
  if (done === 0) return source;
  copy(source.text.length);
  return { text: parts.join(''), from, to };
}
