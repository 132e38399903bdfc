import { describe, expect, it } from 'vitest';
import { subjectClaim } from '../../../src/handle/index.ts';
import { type Fields, readExpectations } from '../../../src/inspector/handle/expectations.ts';

const EMPTY: Fields = {
  now: '',
  notBefore: '',
  audienceIs: 'any',
  audience: '',
  callerIs: 'any',
  issuer: '',
  subject: '',
  claim: '',
  kinds: '',
  needs: '',
  maxLength: '',
};

const CLOCK = 1_785_240_000;

function readForm(members: Partial<Fields>) {
  return readExpectations({ ...EMPTY, ...members }, CLOCK);
}

describe('the expectations of a server', () => {
  it('are only the time and the maximum length if the form is empty', async () => {
    const { expected, problems } = await readForm({});
    expect(JSON.parse(JSON.stringify(expected))).toEqual({ now: CLOCK, maxLength: 8_192 });
    expect(problems).toEqual({});
  });

  it('are read from every field', async () => {
    const { expected, problems } = await readForm({
      now: '2026-07-28T14:00:00+02:00',
      notBefore: '1785000000',
      audienceIs: 'named',
      audience: 'production',
      callerIs: 'principal',
      issuer: 'https://login.example.com/',
      subject: 'ada',
      kinds: 'research@1, basket@2',
      needs: 'read get_task_status',
      maxLength: '32768',
    });
    expect(problems).toEqual({});
    expect(expected).toEqual({
      now: CLOCK,
      notBefore: 1_785_000_000,
      audience: 'production',
      subject: await subjectClaim({ issuer: 'https://login.example.com/', subject: 'ada' }),
      kinds: ['research@1', 'basket@2'],
      needs: ['read', 'get_task_status'],
      maxLength: 32_768,
    });
  });

  it('can say that a handle has neither an audience nor a caller', async () => {
    const { expected } = await readForm({ audienceIs: 'none', callerIs: 'none' });
    expect([expected.audience, expected.subject]).toEqual([null, null]);
  });

  it('leave out a wrong field, and say what is wrong with it', async () => {
    const { expected, problems } = await readForm({
      now: 'tomorrow',
      notBefore: '2026-07-28',
      audienceIs: 'named',
      callerIs: 'claim',
      claim: 'ada',
      kinds: 'research',
      maxLength: '0',
    });
    const { problems: others } = await readForm({ callerIs: 'principal', issuer: 'https://login.example.com/' });
    expect(Object.keys(others)).toEqual(['subject']);
    expect(Object.keys(problems).sort()).toEqual(['audience', 'claim', 'kinds', 'maxLength', 'notBefore', 'now']);
    expect(JSON.parse(JSON.stringify(expected))).toEqual({ now: CLOCK, maxLength: 8_192 });
  });
});
