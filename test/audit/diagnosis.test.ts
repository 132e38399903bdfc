import { beforeAll, describe, expect, it } from 'vitest';
import { diagnose, type Expected } from '../../src/audit/index.ts';
import { DEFAULT_MAX_LENGTH, VERIFICATION_STEPS as STEPS } from '../../src/handle/index.ts';
import { parseRing, type Ring } from '../../src/keys/index.ts';
import { bad, good, type Vector } from '../support/vectors.ts';

const STATE = STEPS.length;

/**
 * Returns the step that is left out with the vector's ring. A ring with private keys checks the IV, and any other ring
 * checks the signature.
 */
function otherProcedures({ ring }: Vector): string {
  return rings.get(ring)?.entries.some(({ minting }) => minting !== undefined) ? 'Signature' : 'Derived IV';
}

// The diagnosis takes only text and has no state schemas, so vectors that need more are left out.
const judged = bad.vectors.filter(({ handle, step }) => typeof handle === 'string' && step !== STATE);
const rings = new Map<string, Ring>();

beforeAll(async () => {
  for (const [name, document] of Object.entries({ ...good.rings, ...bad.rings }))
    rings.set(name, await parseRing(JSON.stringify(document)));
});

/**
 * Tells whether a vector is for replicas. The procedure of an inspector ends with the claims, so an inspector's vector
 * need not pass the later steps.
 */
function isForReplicas({ ring }: Vector): boolean {
  return good.rings[ring]?.keys.some((jwk) => 'd' in jwk) ?? false;
}

function expectedBy({ ring, now, notBefore, audience, subject, kinds, needs, maxLength }: Vector): Expected {
  return {
    ring: rings.get(ring),
    now,
    notBefore,
    audience: audience ?? null,
    subject: subject ?? null,
    kinds,
    needs,
    maxLength: maxLength ?? DEFAULT_MAX_LENGTH,
  };
}

/** Returns the expected outcome of every step for a handle that fails at the given step. */
function outcomesUntil(step: number, vector: Vector): string[] {
  return STEPS.map(({ number, name }) => {
    if (number > step) return 'not reached';
    if (number === step) return 'failed';
    return name === otherProcedures(vector) ? 'not judged' : 'passed';
  });
}

describe('a bad handle', () => {
  it.each(STEPS.map(({ number }) => number).filter((step) => step !== STATE))(
    'fails at step %i, as the test vectors of the specification say',
    async (step) => {
      const vectors = judged.filter((vector) => vector.step === step);
      expect(vectors).not.toEqual([]);
      const diagnoses = await Promise.all(
        vectors.map(async (vector) => {
          const { failedAt, code, reason, steps } = await diagnose(String(vector.handle), expectedBy(vector));
          return { name: vector.name, failedAt, code, reason, outcomes: steps.map(({ outcome }) => outcome) };
        }),
      );
      expect(diagnoses).toEqual(
        vectors.map((vector) => {
          const { name, code, reason } = vector;
          return { name, failedAt: step, code, reason, outcomes: outcomesUntil(step, vector) };
        }),
      );
    },
  );
});

describe('a good handle', () => {
  it('is shown as authentic, with its claims', async () => {
    const authentic = STEPS.slice(0, STEPS.findIndex(({ name }) => name === 'Claims') + 1);
    for (const vector of good.vectors) {
      const { steps, claims } = await diagnose(String(vector.handle), expectedBy(vector));
      expect(JSON.stringify(claims), vector.name).toBe(JSON.stringify(vector.claims));
      expect(
        steps.slice(0, authentic.length).map(({ outcome }) => outcome),
        vector.name,
      ).toEqual(authentic.map(({ name }) => (name === otherProcedures(vector) ? 'not judged' : 'passed')));
    }
  });

  it('passes every step that the diagnosis can judge', async () => {
    for (const vector of good.vectors.filter(isForReplicas)) {
      const { steps, failedAt } = await diagnose(String(vector.handle), expectedBy(vector));
      expect(failedAt, vector.name).toBeUndefined();
      const skipped = steps.flatMap(({ outcome }, index) => (outcome === 'not judged' ? [STEPS[index]?.name] : []));
      expect(skipped, vector.name).toEqual(['Signature', 'State']);
    }
  });

  it('is not opened without a ring, and the diagnosis shows what anyone can see', async () => {
    const [vector] = good.vectors;
    const { steps, parts, fingerprint, claims } = await diagnose(String(vector?.handle), { now: 0, maxLength: DEFAULT_MAX_LENGTH });
    expect([parts?.header.kid, fingerprint?.length, claims]).toEqual(['active', 16, undefined]);
    expect(steps.map(({ outcome }) => outcome)).toEqual(STEPS.map((_, index) => (index < 3 ? 'passed' : 'not judged')));
  });

  it('is compared only with the expectations that the user gives', async () => {
    for (const vector of good.vectors.filter(isForReplicas)) {
      const { ring, now, maxLength } = expectedBy(vector);
      const { failedAt, steps } = await diagnose(String(vector.handle), { ring, now, maxLength });
      expect(failedAt).toBeUndefined();
      const skipped = steps.flatMap(({ outcome }, index) => (outcome === 'not judged' ? [STEPS[index]?.name] : []));
      expect(skipped).toEqual(['Signature', 'Audience', 'Caller', 'Kind', 'Rights', 'State']);
    }
  });
});
