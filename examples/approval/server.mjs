// @ts-check
/** A server for spending requests, which two people must approve. */
import { serve } from 'waxseal/server';
import { approvalTools } from './approval.mjs';

await serve(approvalTools, {
  name: 'approval',
  version: '2.0.0',
  instructions: 'A request lives in its handle. After each call keep the newest handle, and pass it, unchanged, to the next call.',
});
