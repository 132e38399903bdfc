/**
 * The first piece of a secret, of `size` characters, that a text contains; undefined where there is none.
 * A piece is as bad as the whole: from a few a handle is put together again.
 */
export function pieceIn(text: string, secret: string, size: number): string | undefined {
  if (secret.length <= size) return text.includes(secret) ? secret : undefined;
  for (let start = 0; start + size <= secret.length; start += 1) {
    const piece = secret.slice(start, start + size);
    if (text.includes(piece)) return piece;
  }
  return undefined;
}

/** A text and, after it, what can be read from it in other ways: escapes undone, and bytes that were printed as lists of numbers. */
export function unfolded(text: string): string {
  const unescaped = text.replaceAll('\\"', '"').replaceAll('\\\\', '\\');
  const lists = [...text.matchAll(/\[((?:\d{1,3},)+\d{1,3})\]/g)].map(([, list = '']) =>
    Buffer.from(list.split(',').map(Number)).toString('latin1'),
  );
  return [text, unescaped, ...lists].join('\n');
}
