/**
 * The material to mutate: a ring with an entry in every state, and real handles of each entry. The seed determines it.
 */
import * as z from 'zod';
import { issue, reissue, seal } from '../../dist/handle/index.js';
import { mintingKey, parseRing } from '../../dist/keys/index.js';
import { decode, decrypted, encrypted, inflated, pairFrom, SIGNATURE_LENGTH, signed } from './codec.mjs';
import { Random } from './random.mjs';

/** Noon of 2026-07-28 (UTC), in seconds since 1970. */
export const NOW = 1_785_240_000;
const DAY = 86_400;

/** This text is part of every state, and of nothing else. An error that contains it leaks a state. */
export const CANARY = 'Ünsaid*';

const ENTRIES = {
  pending: { kid: 'next-one', iat: NOW - 60, nbf: NOW + 600, exp: NOW + 365 * DAY },
  active: { kid: 'A', iat: NOW - 5 * DAY, nbf: NOW - 5 * DAY, exp: NOW + 360 * DAY },
  older: { kid: 'abcdefgh_ABCDEFGH-0123456789_kid', iat: NOW - 90 * DAY, nbf: NOW - 90 * DAY, exp: NOW + DAY },
  retired: { kid: 'retired1', iat: NOW - 99 * DAY, nbf: NOW - 99 * DAY, exp: NOW - DAY },
  gone: { kid: 'gone', iat: NOW - 199 * DAY, nbf: NOW - 199 * DAY, exp: NOW - 31 * DAY },
  revoked: { kid: 'revoked_', iat: NOW - 2 * DAY, nbf: NOW - 2 * DAY, exp: NOW + DAY, revoked: { revoked_at: NOW - DAY } },
  // This pair is not in the ring.
  stranger: { kid: 'stranger', iat: NOW - DAY, nbf: NOW - DAY, exp: NOW + DAY },
};

const words = ['stateless', 'replica', 'handle', 'sealed', 'größe', '印章', '🦭', 'line\nbreak', '"quoted"', '\u0007', '\ud800'];
const prose = (random, length) => Array.from({ length }, () => random.pick(words)).join(' ');

/** A schema that an author of tools could write. */
const research = z.strictObject({
  topic: z.string().min(1).max(500),
  depth: z.int().min(1).max(10),
  status: z.enum(['running', 'complete']),
  results: z.array(z.string()),
});

/** The kinds that calls accept: one with a schema, one with a migration, and one that takes any state. */
export const KINDS = new Map([
  ['research@1', (state) => research.parse(state)],
  ['research@2', (state) => ({ ...research.parse(state), migrated: true })],
  ['any@1', (state) => state],
]);

function states(random) {
  const task = (results, topic = `${CANARY} and nothing else`) => ({ topic, depth: 2, status: 'running', results });
  return {
    fresh: task([]),
    findings: task(Array.from({ length: 8 }, () => `${CANARY} ${prose(random, 25)}`)),
    long: task(Array.from({ length: 40 }, () => `${CANARY} ${prose(random, 12)}`)),
    longest: task(['compressible '.repeat(4_900), CANARY]),
    scalar: CANARY,
    odd: JSON.parse(`{"2":1,"10":{},"b":[null,true,-1.5e-7,1e21],"__proto__":{"constructor":"${CANARY}"},"":""}`),
    deep: JSON.parse(`${'[{"a":'.repeat(60)}"${CANARY}"${'}]'.repeat(60)}`),
    nothing: null,
  };
}

/** One task (until after its expiry) and one caller are revoked now. The revocations of two others have just ended. */
export const REVOCATIONS = {
  tasks: [
    { jti: 'revoked-task-now', until: NOW + 2 * DAY },
    { jti: 'revoked-task-old', until: NOW },
  ],
  subjects: [
    { sub: 'revoked-caller-now_00A', until: NOW + 3_600 },
    { sub: 'revoked-caller-old_00A', until: NOW },
  ],
};

const CLAIMS = {
  bare: {},
  aud: { aud: 'https://example.com/mcp' },
  sub: { sub: 'AAECAwQFBgcICQoLDA0ODw' },
  scp: { scp: ['read', 'get_task_status'] },
  all: { aud: 'replica ✓', sub: 'zzzzzzzzzzzzzzzzzzzzzw', scp: ['complete'], rev: 2 ** 53 - 1, prv: 'AAECAwQFBgcICQoL' },
  released: { jti: REVOCATIONS.tasks[1].jti, sub: REVOCATIONS.subjects[1].sub },
  'revoked task': { jti: REVOCATIONS.tasks[0].jti },
  'revoked caller': { sub: REVOCATIONS.subjects[0].sub },
};

/**
 * Makes the corpus from a seed.
 *
 * @returns an object with these members:
 * - `rings`: the rings of both procedures, as Waxseal and as the reference verifier read them
 * - `pairs`: the pairs of the ring, and one other
 * - `samples`: the handles to mutate
 * - `minted` and `signed`: the handles and signed texts that a verifier may accept
 */
export async function makeCorpus(seed) {
  const random = new Random(seed, 0xc0de);
  const pairs = Object.entries(ENTRIES).map(([name, validity]) => ({ name, ...pairFrom(`waxseal fuzz ${seed} ${name}`, validity) }));
  const inRing = pairs.filter(({ name }) => name !== 'stranger');
  const ringOf = async (procedure, withPrivate) => {
    const keys = inRing.flatMap(({ jwks }) => jwks).map(({ d, ...jwk }) => (d !== undefined && withPrivate ? { ...jwk, d } : jwk));
    return { procedure, pairs: inRing, ring: await parseRing(JSON.stringify({ keys, revocations: REVOCATIONS })) };
  };
  const rings = { replica: await ringOf('replica', true), inspector: await ringOf('inspector', false) };

  const samples = (await withSeededCrypto(random, () => makeHandles(random, pairs))).map((made) => ({ ...made, apart: takenApart(made) }));
  const minted = new Set(samples.map(({ handle }) => handle));
  const texts = new Set(samples.map(({ pair, apart }) => signedName(pair.kid, apart.text)));
  return { rings, pairs, samples, minted, signed: texts };
}

/** The name under which a signed text is remembered. It includes the `kid` of the pair that signed the text. */
export function signedName(kid, text) {
  return `${kid} ${text}`;
}

async function makeHandles(random, pairs) {
  const made = [];
  const keys = new Map(await Promise.all(pairs.map(async (pair) => [pair, await mintingKeyOf(pair)])));
  for (const [name, st] of Object.entries(states(random))) {
    const kind = 'depth' in Object(st) ? random.pick(['research@1', 'research@2']) : 'any@1';
    for (const [variant, more] of Object.entries(CLAIMS)) {
      for (const pair of pairs) {
        // The minting key seals every combination of claims and state. Other keys seal only some of them, because more
        // would show nothing new.
        if (pair.name !== 'active' && !random.chance(0.4)) continue;
        const claims = { jti: 'AAECAwQFBgcICQoL', kind, rev: 1, iat: NOW - random.below(3_600), exp: NOW + DAY, ...more, st };
        const compress = name === 'longest' || random.chance(0.6);
        const opens = !['gone', 'revoked', 'stranger'].includes(pair.name) && !variant.startsWith('revoked');
        made.push({ name: `${name}/${variant}/${pair.name}`, pair, opens, handle: await seal(claims, keys.get(pair), { compress }) });
      }
    }
  }
  // These handles are issued and re-issued as by a server.
  const pair = pairs.find(({ name }) => name === 'active');
  const key = keys.get(pair);
  let issued = await issue({ kind: 'research@1', state: states(random).fresh, now: NOW - 10, lifetime: DAY }, key);
  for (const state of [states(random).findings, states(random).long, states(random).fresh]) {
    made.push({ name: 're-issued', pair, opens: true, handle: issued.handle });
    issued = await reissue({ ...issued, header: {}, state: {} }, { kind: 'research@1', state, now: NOW }, key, { compress: true });
  }
  return made;
}

/** Returns the pair as a minting key, even if it cannot mint now. */
async function mintingKeyOf({ jwks, nbf }) {
  const ring = await parseRing(JSON.stringify({ keys: jwks.map(({ revoked, ...jwk }) => jwk) }));
  return mintingKey(ring, nbf);
}

/**
 * Takes a handle apart, layer by layer, and puts it together again. The result must be equal, because keys and content
 * determine signature and IV.
 *
 * @throws {Error} if the two differ, because Waxseal then does not seal as specified
 */
function takenApart({ name, handle, pair }) {
  const parts = handle.split('.');
  const header = decode(parts[0]).toString();
  const data = decrypted(parts, pair);
  const compressed = header.includes('zip');
  const plaintext = compressed ? inflated(data).bytes : data;
  const [signature, text] = [plaintext.subarray(0, SIGNATURE_LENGTH), plaintext.subarray(SIGNATURE_LENGTH).toString()];
  const asSpecified = signed(text, pair).equals(plaintext) && encrypted(data, pair, { header }) === handle;
  if (!asSpecified) throw new Error(`what the project seals is not as specified: ${name}, ${handle}`);
  return { parts, header, data, compressed, plaintext, signature, text, claims: JSON.parse(text) };
}

/** Takes the ids of new handles from the seed, so that a run can be repeated. */
async function withSeededCrypto(random, make) {
  Object.defineProperty(crypto, 'getRandomValues', {
    configurable: true,
    value: (array) => {
      array.set(random.bytes(array.length));
      return array;
    },
  });
  try {
    return await make();
  } finally {
    delete crypto.getRandomValues;
  }
}
