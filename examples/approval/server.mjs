// @ts-check
/** Requests for spending, and who approves them. */
import { serve } from 'waxseal/server';
import { approvalTools } from './approval.mjs';

await serve(approvalTools, {
  name: 'approval',
  version: '2.0.0',
  instructions: 'A request lives in its handle: after each call keep the newest one, and pass it, unchanged, to the next.',
});
