/** The tools of the approval example that the tests need, with version 1 of its state. */
import { createTool, readTool, updateTool } from 'waxseal';
import { serve } from 'waxseal/server';
import { Amount, Person, requestV1, Title } from '../../examples/approval/request.mjs';

const submit = createTool(
  requestV1,
  'submit_request',
  {
    description: 'Submits a request.',
    inputSchema: { title: Title, amount: Amount },
  },
  (input) => ({ state: { ...input, status: 'submitted' }, text: 'Submitted.' }),
);

const approve = updateTool(
  requestV1,
  'approve_request',
  { description: 'Approves a request.', inputSchema: { approver: Person } },
  (before, { approver }) => ({ state: { ...before, status: 'approved', approver }, text: 'Approved.' }),
);

const show = readTool(requestV1, 'show_request', { description: 'Shows a request.' }, ({ title }) => ({ text: title }));

await serve([submit, approve, show], { name: 'approval', version: '1.0.0' });
