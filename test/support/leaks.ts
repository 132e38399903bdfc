/**
 * Returns a piece of a secret, `size` characters long, that a text contains; undefined if the text contains none. A few
 * pieces are as bad as the whole secret, because somebody could put them together.
 */
export function pieceIn(text: string, secret: string, size: number): string | undefined {
  if (secret.length <= size) return text.includes(secret) ? secret : undefined;
  for (let start = 0; start + size <= secret.length; start += 1) {
    const piece = secret.slice(start, start + size);
    if (text.includes(piece)) return piece;
  }
  return undefined;
}

/** Returns a text and its other readings: without escapes, and with lists of numbers as bytes. */
export function unfolded(text: string): string {
  const unescaped = text.replaceAll('\\"', '"').replaceAll('\\\\', '\\');
  const lists = [...text.matchAll(/\[((?:\d{1,3},)+\d{1,3})\]/g)].map(([, list = '']) =>
    Buffer.from(list.split(',').map(Number)).toString('latin1'),
  );
  return [text, unescaped, ...lists].join('\n');
}
