/** What the findings of an audit mean, and what to do about each. */
import type { FindingType, Severity } from '../../audit/index.ts';

export interface Rule {
  /** As other programs name it. */
  readonly name: string;
  /** Of most findings of the type. */
  readonly severity: Severity;
  /** In one sentence. */
  readonly says: string;
  /** What to do about it. */
  readonly help: string;
}

/** One for each type of finding. */
export const RULES: Readonly<Record<FindingType, Rule>> = {
  altered: {
    name: 'AlteredHandle',
    severity: 'high',
    says: 'A key of the ring does not open the handle: it was forged, or changed on its way.',
    help: 'Look at who presented it. One changed character is a careless copy; many such handles, or one that nobody was given, are an attack. A server refuses it as "rejected". Where the reason is "iv" or "signature", whoever made it held a ring without the signing key: find out who has inspector rings.',
  },
  fork: {
    name: 'ForkedTask',
    severity: 'high',
    says: 'A task was updated more than once from one handle.',
    help: 'Both handles are authentic, and both branches go on until they expire. A retry of a client does this, and so does a stolen handle: compare who presented the first handle each time, and when. "waxseal revoke task" ends all branches.',
  },
  wrong_caller: {
    name: 'DifferentCallers',
    severity: 'high',
    says: 'Callers of one task differ.',
    help: 'A handle without "sub" belongs to whoever holds it: it was handed on, or stolen. Require authentication, so that servers bind handles to their callers, and use delegation to hand work on.',
  },
  incomplete: {
    name: 'TooManyHandles',
    severity: 'high',
    says: 'The logs have more different handles than are remembered; the others were left out.',
    help: 'Audit the logs in parts: by day, or by client.',
  },
  encrypted_anew: {
    name: 'EncryptedAnew',
    severity: 'medium',
    says: 'The same signed claims stand under two ciphertexts.',
    help: 'No server accepts the second one, and it is no fork: nobody signed anything twice. A holder of an inspector ring can make it, and for compressed handles so can a replica with another compressor. Find out who has inspector rings.',
  },
  replay: {
    name: 'Replay',
    severity: 'medium',
    says: 'An older revision was presented after a newer one was seen.',
    help: 'An old handle stays valid until it expires, and answers as of then. Clients do this where they lose track of the newest handle; look for a fork of the same task, which is what a replay that changes something makes.',
  },
  used_after_expiry: {
    name: 'UsedAfterExpiry',
    severity: 'medium',
    says: 'A handle was presented after its expiry.',
    help: 'A server answers "expired" and does nothing. Where one did not, its clock is wrong.',
  },
  revoked_key: {
    name: 'RevokedKey',
    severity: 'medium',
    says: 'A handle was sealed with a key that is revoked, and was not opened: anyone may have made it.',
    help: 'Servers refuse it. Where many clients still present such handles, they have not been told to start again.',
  },
  contradicted_info: {
    name: 'ContradictedInfo',
    severity: 'medium',
    says: 'What stands beside a handle is not what the handle says.',
    help: 'A server writes both. Whoever wrote this part of the log changed one of them: a client, a model, a gateway, or somebody who wants to deceive whoever reads the log without keys.',
  },
  gap: {
    name: 'Gap',
    severity: 'low',
    says: 'The handle that another one replaces is not in the logs.',
    help: 'Add the logs of the other replicas and of the time before. Where they are complete, something removed it.',
  },
  other_ring: {
    name: 'OtherRing',
    severity: 'low',
    says: 'A handle was sealed with a key that the ring does not have.',
    help: 'It is of another deployment, or of a key that was removed: name a ring that has it.',
  },
};
