// @ts-check
/** The state of a spending request, in two versions. Handles of version 1 still open. */
import { defineKind } from 'waxseal';
import * as z from 'zod';

export const Title = z.string().min(1).max(200);
export const Amount = z.int().min(1).max(1_000_000).describe('euros');
export const Status = z.enum(['draft', 'submitted', 'approved', 'rejected']);
export const Person = z.string().min(1).max(80);
export const Reason = z.string().min(1).max(500);

const WEEK = 7 * 86_400;

/**
 * Version 1: one person decides, without a reason. Keep this declaration until the last handle of version 1 has
 * expired.
 */
export const requestV1 = defineKind({
  name: 'request',
  version: 1,
  schema: z.strictObject({ title: Title, amount: Amount, status: Status, approver: Person.optional() }),
  lifetime: WEEK,
  visible: true,
});

export const Decision = z.strictObject({ by: Person, approves: z.boolean(), reason: Reason.optional() });

const state = z.strictObject({ title: Title, amount: Amount, status: Status, decisions: z.array(Decision) });

/** @typedef {z.output<typeof state>} Request */

/** Version 2: two people must approve, and one can reject. Decisions from version 1 stay. */
export const request = defineKind({
  name: 'request',
  version: 2,
  schema: state,
  lifetime: WEEK,
  visible: true,
  migration: {
    from: requestV1,
    migrate: ({ approver, ...old }) => ({
      ...old,
      decisions: approver === undefined ? [] : [{ by: approver, approves: old.status === 'approved' }],
    }),
  },
});
