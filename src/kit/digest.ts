import { shortDigest } from '../handle/index.ts';

/** A digest of any JSON, for holding a sealed value to the question that it belongs to: 128 bits of SHA-256, base64url. */
export function digestOf(value: unknown): Promise<string> {
  return shortDigest(JSON.stringify(value, ordered) ?? '', 16);
}

/** Clients may write the members of an object in another order when they ask again. */
function ordered(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
