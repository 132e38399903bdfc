/** The meaning of each type of finding, and the advice for it. */
import type { FindingType, Severity } from '../../audit/index.ts';

/** The description of one type of finding. */
export interface Rule {
  /** The rule's name in SARIF. */
  readonly name: string;
  /** The severity of most findings of this type. */
  readonly severity: Severity;
  /** What happened, in one sentence. */
  readonly says: string;
  /** What it means, and what to do about it. */
  readonly help: string;
}

/** The rule for each type of finding. */
export const RULES: Readonly<Record<FindingType, Rule>> = {
  altered: {
    name: 'AlteredHandle',
    severity: 'high',
    says: 'A key of the ring does not open the handle: the handle was forged, or changed on its way.',
    help: 'Look at who presented the handle. One changed character is a careless copy. Many such handles, or one that no server issued, are an attack. A server refuses the handle as "rejected". If the reason is "iv" or "signature", its maker held a ring without the signing key: find out who has inspector rings.',
  },
  fork: {
    name: 'ForkedTask',
    severity: 'high',
    says: 'A task was updated more than once from one handle.',
    help: 'Both handles are authentic, and both branches stay usable until they expire. A client that retries makes a fork, and so does a stolen handle: compare who presented the earlier handle each time, and when. "waxseal revoke TASK" ends all branches.',
  },
  wrong_caller: {
    name: 'DifferentCallers',
    severity: 'high',
    says: 'One task has different callers.',
    help: 'Anyone who holds a handle without "sub" can use it: somebody passed the handle on, or stole it. Require authentication, so that servers bind handles to their callers, and use delegation to pass work on.',
  },
  incomplete: {
    name: 'TooManyHandles',
    severity: 'high',
    says: 'The logs have more different handles than the audit remembers; it left out the rest.',
    help: 'Audit the logs in parts: by day, or by client.',
  },
  encrypted_anew: {
    name: 'EncryptedAnew',
    severity: 'medium',
    says: 'The same signed claims stand under two ciphertexts.',
    help: 'No server accepts the second ciphertext. It is not a fork, because nobody signed anything twice. The holder of an inspector ring can make such a ciphertext. For compressed handles, a replica with another compressor can make one, too. Find out who has inspector rings.',
  },
  replay: {
    name: 'Replay',
    severity: 'medium',
    says: 'An older revision was presented after a newer one was seen.',
    help: 'An old handle stays valid until it expires, and shows the old state. A client that loses track of the newest handle does this. Look for a fork of the same task: a replay that changes the state makes one.',
  },
  used_after_expiry: {
    name: 'UsedAfterExpiry',
    severity: 'medium',
    says: 'A handle was presented after its expiry.',
    help: 'A server answers "expired" and does nothing. If a server accepted the handle, its clock is wrong.',
  },
  revoked_key: {
    name: 'RevokedKey',
    severity: 'medium',
    says: 'A handle was sealed with a revoked key. The audit did not open it, because anyone may have made it.',
    help: 'Servers refuse the handle. If many clients still present such handles, tell them to start their tasks again.',
  },
  contradicted_info: {
    name: 'ContradictedInfo',
    severity: 'medium',
    says: 'The values beside a handle contradict the handle.',
    help: 'A server writes both the handle and its handle_info. The writer of this part of the log changed one of them: a client, a model, a gateway, or somebody who wants to deceive readers without keys.',
  },
  gap: {
    name: 'Gap',
    severity: 'low',
    says: 'The handle that another one replaces is not in the logs.',
    help: 'Add the logs of the other replicas and earlier logs. If the logs are complete, something removed the handle from them.',
  },
  other_ring: {
    name: 'OtherRing',
    severity: 'low',
    says: 'A handle was sealed with a key that the ring does not have.',
    help: 'The handle comes from another deployment, or its key was removed from the ring. Name a ring that has the key.',
  },
};
