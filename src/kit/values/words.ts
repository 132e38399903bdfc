/**
 * Returns the one of some words that a client means, although the client wrote it with other case, with quotation marks
 * around it, or with spaces or hyphens in place of `_`. Returns undefined if no word or several words fit.
 */
export function meantAmong(text: string, words: readonly string[]): string | undefined {
  if (words.includes(text)) return text;
  const [meant, ...others] = words.filter((word) => plain(word) === plain(text));
  return others.length === 0 ? meant : undefined;
}

function plain(word: string): string {
  const bare = word.trim().replace(/^["'`“‘](.*)["'`”’]$/s, '$1');
  return bare
    .trim()
    .toLowerCase()
    .replace(/(?<=\w)[\s_-]+(?=\w)/g, '_');
}
