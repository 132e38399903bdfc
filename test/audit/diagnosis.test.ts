import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { diagnose, type Expected } from '../../src/audit/index.ts';
import { DEFAULT_MAX_LENGTH, VERIFICATION_STEPS as STEPS } from '../../src/handle/index.ts';
import { parseRing, type Ring } from '../../src/keys/index.ts';
import { isHandle } from '../../src/scan/index.ts';
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

describe('a text that is no handle', () => {
  const handle = String(judged.find(({ step, handle }) => step > 4 && isHandle(String(handle)))?.handle);
  const base64 = (data: string | Uint8Array) => Buffer.from(data).toString('base64');
  const noteOn = async (text: string) => {
    const { steps, failedAt, code } = await diagnose(text, { now: 0, maxLength: DEFAULT_MAX_LENGTH });
    return { code, note: steps[(failedAt ?? 0) - 1]?.note };
  };

  it.each([
    [
      'a token of another program',
      'eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJqYW5lIn0.c2lnbmF0dXJl',
      /a JSON Web Token of another program/,
    ],
    ['a redacted handle', '[handle 0aGmm5jmjMCCUuyf]', /a fingerprint cannot be opened\. Search for it/],
    ['a redacted cut handle', '[handle, cut]', /in place of a cut handle/],
    ['a fingerprint', '0aGmm5jmjMCCUuyf', /a handle's fingerprint or of a task's id.* Search for it/],
    ['a misspelt alias', 'task_7f3a9', /an alias of a wallet/],
    ['a key ring', '{"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}', /a key ring, not a handle/],
    ['a key ring in base64', base64('{"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}'), /a key ring in base64/],
    ['the description of a handle', '{"handle_info":{"kind":"research@1"}}', /the handle itself is missing/],
    ['base64 of a handle', base64(`{"handle":"${handle}"}`), /base64 of a text with a handle/],
    ['base64 of compressed data', base64(gzipSync(handle)), /base64 of compressed data/],
    ['compressed data', gzipSync(handle).toString(), /compressed data, not a handle/],
  ])('is named: %s', async (_name, text, note) => {
    expect(await noteOn(text)).toEqual({ code: 'malformed', note: expect.stringMatching(note) });
    expect((await noteOn(text)).note).not.toMatch(/c2VjcmV0/);
  });

  it('may be a cut handle, and is then named so', async () => {
    expect((await noteOn(handle.slice(0, -5))).note).toMatch(/truncated/);
    for (const cut of [handle.slice(0, 30), handle.slice(0, 16), handle.replace('..', '.').replace(/\.[\w-]*$/, '')])
      expect((await noteOn(cut)).note).toMatch(/cut short/);
  });
});

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
