/** Key rings for one run of a bench. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generatePair, parseRing, toDocument, toText } from '../../dist/keys/index.js';

const DAY = 86_400;

/** A ring after several rotations. The last pair of keys mints, and the older ones only open handles. */
export async function ringDocument(pairs = 1, now = Math.floor(Date.now() / 1000)) {
  const ages = Array.from({ length: pairs }, (_, at) => pairs - 1 - at);
  return toDocument(
    await Promise.all(
      ages.map((age) => generatePair({ iat: now - age * 3_600 - 60, nbf: now - age * 3_600 - 60, exp: now - age * 3_600 + 30 * DAY })),
    ),
  );
}

/** @param pairs the number of key pairs @param now seconds since 1970; default: the system's clock */
export async function ringOf(pairs = 1, now = undefined) {
  return parseRing(JSON.stringify(await ringDocument(pairs, now)));
}

/** Writes a ring to a file for `waxseal serve --keys`. */
export async function ringFile(folder) {
  const file = join(folder, 'ring.jwks');
  writeFileSync(file, toText(await ringDocument()), { mode: 0o600 });
  return file;
}
