/** Reads the form in which a user says what a server would expect of a handle, such as an audience and a caller. */
import type { Expected } from '../../audit/index.ts';
import { DEFAULT_MAX_LENGTH, KIND, subjectClaim } from '../../handle/index.ts';
import { LONGEST_HANDLE } from '../../scan/index.ts';

/** The texts in the fields of the form. An empty field sets no expectation. */
export interface Fields {
  readonly now: string;
  readonly notBefore: string;
  readonly audienceIs: 'any' | 'none' | 'named';
  readonly audience: string;
  readonly callerIs: 'any' | 'none' | 'principal' | 'claim';
  readonly issuer: string;
  readonly subject: string;
  readonly claim: string;
  /** Kinds, separated by commas or spaces. The rights in `needs` are separated in the same way. */
  readonly kinds: string;
  readonly needs: string;
  readonly maxLength: string;
}

/** A message for each wrong field, which says what to write instead. */
export type Problems = Partial<Record<keyof Fields, string>>;

/**
 * Reads the form. A wrong field sets no expectation, and gets a message in `problems`.
 *
 * @param clock the time that counts if the field `now` is empty, in seconds since 1970
 */
export async function readExpectations(fields: Fields, clock: number): Promise<{ expected: Expected; problems: Problems }> {
  const problems: Partial<Record<keyof Fields, string>> = {};
  const checked = <Value>(name: keyof Fields, value: Value | undefined, problem: string): Value | undefined => {
    if (value === undefined) problems[name] = problem;
    return value;
  };
  const time = (name: 'now' | 'notBefore') =>
    fields[name].trim() === ''
      ? undefined
      : checked(name, readTime(fields[name].trim()), 'Write 2026-07-28T12:00:00Z, or seconds since 1970.');
  const audience = () => checked('audience', fields.audience === '' ? undefined : fields.audience, 'Write the name of the deployment.');
  const principal = () => {
    const { issuer, subject } = fields;
    const isNamed = [
      checked('issuer', issuer || undefined, "Write the issuer of the caller's tokens: their claim iss."),
      checked('subject', subject || undefined, "Write the issuer's name for the caller: the claim sub of the tokens."),
    ].every((given) => given !== undefined);
    return isNamed ? subjectClaim({ issuer, subject }) : undefined;
  };
  const claim = () =>
    checked(
      'claim',
      /^[A-Za-z0-9_-]{21}[AQgw]$/.test(fields.claim.trim()) ? fields.claim.trim() : undefined,
      'Write the claim sub of the handle: 22 characters of base64url.',
    );
  const kinds = words(fields.kinds);
  const limit = Number(fields.maxLength.trim() || DEFAULT_MAX_LENGTH);
  const isLimit = Number.isInteger(limit) && limit >= 1 && limit <= LONGEST_HANDLE;

  const expected: Expected = {
    now: time('now') ?? clock,
    notBefore: time('notBefore'),
    audience: { any: () => undefined, none: () => null, named: audience }[fields.audienceIs](),
    subject: await {
      any: () => undefined,
      none: () => null,
      principal,
      claim,
    }[fields.callerIs](),
    kinds:
      kinds.length === 0
        ? undefined
        : checked('kinds', kinds.every((kind) => KIND.test(kind)) ? kinds : undefined, 'Write kinds in the form research@1.'),
    needs: words(fields.needs).length === 0 ? undefined : words(fields.needs),
    maxLength: checked('maxLength', isLimit ? limit : undefined, `Write a whole number from 1 to ${LONGEST_HANDLE}.`) ?? DEFAULT_MAX_LENGTH,
  };
  return { expected, problems };
}

function words(text: string): string[] {
  return text.split(/[\s,]+/).filter(Boolean);
}

/** Reads seconds since 1970, or ISO 8601 with a zone. @returns seconds since 1970; undefined for any other text */
function readTime(text: string): number | undefined {
  if (/^\d{1,12}$/.test(text)) return Math.min(Number(text), 253_402_300_799);
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/i.test(text)) return undefined;
  const milliseconds = Date.parse(text);
  return milliseconds >= 0 ? Math.floor(milliseconds / 1000) : undefined;
}
