// @ts-check
/**
 * Spending requests that two people must approve. Their clients ask these people, so a model cannot decide.
 *
 * An old revision of a request stays valid. Whoever passes it again forks the request, even after a rejection. So a
 * system that acts on approvals must act only once for each task's id. See README.md, "What an old revision can do".
 */
import { acceptedContent, ask, canElicit, createTool, inputRequired, readTool, ToolRefusal, updateTool } from 'waxseal';
import * as z from 'zod';
import { Amount, Decision, Person, Reason, request, Status, Title } from './request.mjs';

/** @typedef {import('./request.mjs').Request} Request */

const APPROVALS_NEEDED = 2;

const draft = createTool(
  request,
  'draft_request',
  {
    description: 'Drafts a spending request. Returns a handle that is the request: pass the newest to the next call.',
    inputSchema: { title: Title, amount: Amount },
    outputSchema: { status: Status },
  },
  ({ title, amount }) => moved({ title, amount, status: 'draft', decisions: [] }),
);

const revise = updateTool(
  request,
  'revise_request',
  {
    description: 'Changes a draft. Returns its new handle.',
    inputSchema: { title: Title.optional(), amount: Amount.optional() },
    outputSchema: { status: Status },
  },
  (before, { title, amount }) => {
    requireStatus(before, 'draft');
    return moved({ ...before, title: title ?? before.title, amount: amount ?? before.amount });
  },
);

const submit = updateTool(
  request,
  'submit_request',
  {
    description: `Submits a draft, which ${APPROVALS_NEEDED} people then decide on. Returns its new handle.`,
    outputSchema: { status: Status },
  },
  (before) => {
    requireStatus(before, 'draft');
    return moved({ ...before, status: 'submitted' });
  },
);

/** The two forms. The first asks for a decision. If a person does not approve, the second asks why. */
const Verdict = z.object({ name: Person.meta({ title: 'Your name' }), approve: z.boolean().meta({ title: 'Approve' }) });
const Objection = z.object({ reason: Reason.meta({ title: 'Why not?' }) });

/** What the tool remembers between its questions. The client carries it sealed, and cannot change it. */
const Asked = z.discriminatedUnion('about', [
  z.object({ about: z.literal('verdict') }),
  z.object({ about: z.literal('objection'), by: Person }),
]);

const decide = updateTool(
  request,
  'decide_request',
  {
    description: 'Asks the user to approve or reject a submitted request. Returns its new handle.',
    outputSchema: { status: Status },
  },
  (before, _input, call) => {
    requireStatus(before, 'submitted');
    if (!canElicit(call))
      throw new ToolRefusal(
        'cannot_ask',
        'The user cannot be asked here, and only the user may decide. Use a client that supports MCP 2026-07-28 and shows forms.',
      );
    const asked = Asked.safeParse(call.remembered).data;
    if (asked?.about === 'verdict') {
      const { name: by, approve } = acceptedContent(call.answers, 'verdict', Verdict) ?? refuseWithoutAnswer();
      requireAnother(before, by);
      if (approve) return moved(withDecision(before, { by, approves: true }));
      return ask(form('objection', `${by}, why should "${before.title}" not be approved?`, Objection), { about: 'objection', by });
    }
    if (asked?.about === 'objection') {
      const { reason } = acceptedContent(call.answers, 'objection', Objection) ?? refuseWithoutAnswer();
      return moved(withDecision(before, { by: asked.by, approves: false, reason }));
    }
    return ask(form('verdict', `Approve €${before.amount} for "${before.title}"?`, Verdict), { about: 'verdict' });
  },
);

const show = readTool(
  request,
  'show_request',
  {
    description: 'Shows a request as its handle holds it. The handle stays the same.',
    outputSchema: { title: Title, amount: Amount, status: Status, decisions: z.array(Decision) },
  },
  (shown) => ({ structuredContent: shown, text: describe(shown) }),
);

/** The tools, in the order in which clients list them. */
export const approvalTools = [draft, revise, submit, decide, show];

/** @param {Request} after */
function moved(after) {
  return { state: after, structuredContent: { status: after.status }, text: describe(after) };
}

/**
 * @param {Request} before
 * @param {z.output<typeof Decision>} decision
 * @returns {Request}
 */
function withDecision(before, decision) {
  const decisions = [...before.decisions, decision];
  if (!decision.approves) return { ...before, status: 'rejected', decisions };
  return { ...before, status: decisions.length < APPROVALS_NEEDED ? 'submitted' : 'approved', decisions };
}

/**
 * @param {Request} request
 * @param {Request['status']} needed
 */
function requireStatus({ status }, needed) {
  if (status !== needed) throw new ToolRefusal('wrong_step', `This request is ${status}. This tool needs a request that is ${needed}.`);
}

/**
 * @param {Request} request
 * @param {string} name
 */
function requireAnother({ decisions }, name) {
  if (decisions.some(({ by }) => plain(by) === plain(name))) {
    throw new ToolRefusal('already_decided', `${name} has already decided. Another person must decide.`);
  }
}

/**
 * Makes different spellings of a name equal: in case, spaces and Unicode form.
 *
 * @param {string} name
 */
function plain(name) {
  return name.normalize('NFKC').replace(/\s+/g, ' ').trim().toLowerCase();
}

/** @returns {never} */
function refuseWithoutAnswer() {
  throw new ToolRefusal('not_decided', 'The user did not decide. The request stays submitted; ask again when the user wants to.');
}

/**
 * @param {string} key
 * @param {string} message
 * @param {typeof Verdict | typeof Objection} requestedSchema
 */
function form(key, message, requestedSchema) {
  return { [key]: inputRequired.elicit({ message, requestedSchema }) };
}

/** @param {Request} request */
function describe({ title, amount, status, decisions }) {
  const lines = decisions.map(({ by, approves, reason }) => `- ${by} ${approves ? 'approved' : 'rejected'}${reason ? `: ${reason}` : ''}`);
  return [`"${title}", €${amount}, is ${status}.`, ...lines].join('\n');
}
