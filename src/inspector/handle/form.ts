/** Shows a form. In it, the reader enters what a server would expect of a handle. */
import { byId, el, fill } from '../ui/dom.ts';
import type { Fields, Problems } from './expectations.ts';

const IDS = {
  now: 'now',
  notBefore: 'not-before',
  audienceIs: 'audience-is',
  audience: 'audience',
  callerIs: 'caller-is',
  issuer: 'issuer',
  subject: 'subject',
  claim: 'claim',
  kinds: 'kinds',
  needs: 'needs',
  maxLength: 'max-length',
} as const satisfies Record<keyof Fields, string>;

export function fieldsOfForm(): Fields {
  const text = (name: keyof Fields) => byId(IDS[name], HTMLInputElement).value;
  const choice = (name: keyof Fields) => byId(IDS[name], HTMLSelectElement).value;
  return {
    now: text('now'),
    notBefore: text('notBefore'),
    audienceIs: choice('audienceIs') as Fields['audienceIs'],
    audience: text('audience'),
    callerIs: choice('callerIs') as Fields['callerIs'],
    issuer: text('issuer'),
    subject: text('subject'),
    claim: text('claim'),
    kinds: text('kinds'),
    needs: text('needs'),
    maxLength: text('maxLength'),
  };
}

/** Shows the message for each wrong field below the field. */
export function showProblems(problems: Problems): void {
  for (const [name, id] of Object.entries(IDS)) {
    const field = byId(id, HTMLElement);
    const problem = problems[name as keyof Fields];
    field.setAttribute('aria-invalid', String(problem !== undefined));
    const said = byId(`${id}-problem`, HTMLElement);
    fill(said, problem);
  }
}

/** Shows the fields that the current choices need, and hides all other optional fields. */
export function showFields(): void {
  const { audienceIs, callerIs } = fieldsOfForm();
  const shown = {
    audience: audienceIs === 'named',
    issuer: callerIs === 'principal',
    subject: callerIs === 'principal',
    claim: callerIs === 'claim',
  };
  for (const [id, isShown] of Object.entries(shown)) {
    const field = byId(id, HTMLElement).parentElement;
    if (field !== null) field.hidden = !isShown;
  }
}

/** Adds to each field an element that can show a message about the field. */
export function prepareForm(): void {
  for (const id of Object.values(IDS)) {
    const field = byId(id, HTMLElement);
    field.after(el('p', { id: `${id}-problem`, class: 'problem' }));
    field.setAttribute('aria-describedby', `${id}-problem`);
  }
  showFields();
}
