import { beforeAll, describe, expect, it } from 'vitest';
import { diagnose, type Expected } from '../../src/audit/index.ts';
import { DEFAULT_MAX_LENGTH, VERIFICATION_STEPS as STEPS } from '../../src/handle/index.ts';
import { parseRing, type Ring } from '../../src/keys/index.ts';
import { bad, good, type Vector } from '../support/vectors.ts';

const STATE = STEPS.length;

/** A ring with private keys recognises the IV; a ring without them verifies the signature. Neither does the other's check. */
function otherProcedures({ ring }: Vector): string {
  return rings.get(ring)?.entries.some(({ minting }) => minting !== undefined) ? 'Signature' : 'Derived IV';
}

// The page has a field of text, and no schemas.
const judged = bad.vectors.filter(({ handle, step }) => typeof handle === 'string' && step !== STATE);
const rings = new Map<string, Ring>();

beforeAll(async () => {
  for (const [name, document] of Object.entries({ ...good.rings, ...bad.rings }))
    rings.set(name, await parseRing(JSON.stringify(document)));
});

/** An inspector's procedure ends with the claims; what is good for it need not pass what a server looks at afterwards. */
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

describe('a bad handle is shown to die where the specification says', () => {
  it.each(judged.map((vector) => [vector.step, vector.name, vector] as const))('step %i: %s', async (step, _name, vector) => {
    const { failedAt, code, reason, steps } = await diagnose(String(vector.handle), expectedBy(vector));
    expect({ failedAt, code, reason }).toEqual({ failedAt: step, code: vector.code, reason: vector.reason });
    expect(steps.map(({ outcome }) => outcome)).toEqual(
      STEPS.map(({ number, name }) => {
        if (number > step) return 'not reached';
        if (number === step) return 'failed';
        return name === otherProcedures(vector) ? 'not judged' : 'passed';
      }),
    );
  });

  it('which is tried for every step but the schema', () => {
    expect(new Set(judged.map(({ step }) => step))).toEqual(new Set(STEPS.map((_, index) => index + 1).filter((step) => step !== STATE)));
  });
});

describe('a good handle', () => {
  it.each(good.vectors.map((vector) => [vector.name, vector] as const))(
    'is authentic, and shows what it says: %s',
    async (_name, vector) => {
      const { steps, claims } = await diagnose(String(vector.handle), expectedBy(vector));
      expect(JSON.stringify(claims)).toBe(JSON.stringify(vector.claims));
      const authentic = STEPS.slice(0, STEPS.findIndex(({ name }) => name === 'Claims') + 1);
      expect(steps.slice(0, authentic.length).map(({ outcome }) => outcome)).toEqual(
        authentic.map(({ name }) => (name === otherProcedures(vector) ? 'not judged' : 'passed')),
      );
    },
  );

  it.each(good.vectors.filter(isForReplicas).map((vector) => [vector.name, vector] as const))(
    'passes all that is judged: %s',
    async (_name, vector) => {
      const { steps, failedAt } = await diagnose(String(vector.handle), expectedBy(vector));
      expect(failedAt).toBeUndefined();
      const skipped = steps.flatMap(({ outcome }, index) => (outcome === 'not judged' ? [STEPS[index]?.name] : []));
      expect(skipped).toEqual(['Signature', 'State']);
    },
  );

  it('is not opened without a ring, and shows what anyone sees', async () => {
    const [vector] = good.vectors;
    const { steps, parts, fingerprint, claims } = await diagnose(String(vector?.handle), { now: 0, maxLength: DEFAULT_MAX_LENGTH });
    expect([parts?.header.kid, fingerprint?.length, claims]).toEqual(['active', 16, undefined]);
    expect(steps.map(({ outcome }) => outcome)).toEqual(STEPS.map((_, index) => (index < 3 ? 'passed' : 'not judged')));
  });

  it('is not judged by what nobody expects of it, whatever it says', async () => {
    for (const vector of good.vectors.filter(isForReplicas)) {
      const { ring, now, maxLength } = expectedBy(vector);
      const { failedAt, steps } = await diagnose(String(vector.handle), { ring, now, maxLength });
      expect(failedAt).toBeUndefined();
      const skipped = steps.flatMap(({ outcome }, index) => (outcome === 'not judged' ? [STEPS[index]?.name] : []));
      expect(skipped).toEqual(['Signature', 'Audience', 'Caller', 'Kind', 'Rights', 'State']);
    }
  });
});
