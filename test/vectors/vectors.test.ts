import { describe, expect, it } from 'vitest';
import { type AuthenticHandle, authenticate, HandleError, HandleRejected, open, type ReadState } from '../../src/handle/index.ts';
import { isRevoked, openingKey, parseRing, type Ring } from '../../src/keys/index.ts';
import { bad, good, type Vector, type VectorFile } from '../support/vectors.ts';

/** Each ring is imported only once, because hundreds of vectors share a few rings. */
const parsed = new Map<unknown, Promise<Ring>>();
function ringOf(file: VectorFile<Vector>, vector: Vector): Promise<Ring> {
  const document = file.rings[vector.ring];
  const ring = parsed.get(document) ?? parseRing(JSON.stringify(document));
  parsed.set(document, ring);
  return ring;
}

const admits: Record<NonNullable<Vector['stateMustBe']>, (state: unknown) => boolean> = {
  object: (state) => typeof state === 'object' && state !== null && !Array.isArray(state),
  string: (state) => typeof state === 'string',
  never: () => false,
};

/** Opens the handle of a vector: with an inspector ring, as an inspector (steps 1 to 9), otherwise as a server. */
async function openVector(file: VectorFile<Vector>, vector: Vector): Promise<AuthenticHandle> {
  const ring = await ringOf(file, vector);
  const findKey = (kid: string) => openingKey(ring, kid, vector.now);
  if (ring.entries.every(({ minting }) => minting === undefined)) return authenticate(vector.handle, findKey, vector.maxLength);
  const readState: ReadState = (state) => {
    if (vector.stateMustBe !== undefined && !admits[vector.stateMustBe](state)) throw new Error('not a state of this kind');
    return state;
  };
  return open(vector.handle, {
    findKey,
    now: vector.now,
    notBefore: vector.notBefore,
    isRevoked: (claims) => isRevoked(ring.revocations, claims, vector.now),
    audience: vector.audience,
    subject: vector.subject,
    kinds: new Map(vector.kinds.map((kind) => [kind, readState])),
    needs: vector.needs,
    maxLength: vector.maxLength,
  });
}

/** Returns the answer to the handle of a vector: its code, and the reason that only the log has. */
async function refusalOf(vector: Vector): Promise<object> {
  try {
    return { opened: await openVector(bad, vector) };
  } catch (error) {
    if (!(error instanceof HandleError)) throw error;
    return { code: error.code, ...(error instanceof HandleRejected && { reason: error.reason }) };
  }
}

// All vectors of a step are in one test. The test fails with the names of the vectors that failed.
describe('a bad vector', () => {
  it.each([...new Set(bad.vectors.map(({ step }) => step))])(
    'is refused with the code and the reason of its step: step %i',
    async (step) => {
      const vectors = bad.vectors.filter((vector) => vector.step === step);
      const refusals = await Promise.all(vectors.map(async (vector) => [vector.name, await refusalOf(vector)]));
      expect(refusals).toEqual(vectors.map(({ name, code, reason }) => [name, { code, ...(reason !== undefined && { reason }) }]));
    },
  );
});

it('every good vector opens, with its claims and its state', async () => {
  const opened = await Promise.all(good.vectors.map(async (vector) => ({ vector, handle: await openVector(good, vector) })));
  for (const { vector, handle } of opened) {
    // The claims are compared as text, because equality of objects ignores the order of members, and the member
    // __proto__.
    expect(JSON.stringify(handle.claims), vector.name).toBe(JSON.stringify(vector.claims));
    if ('state' in handle) expect(JSON.stringify(handle.state), vector.name).toBe(JSON.stringify(vector.claims.st));
  }
});
