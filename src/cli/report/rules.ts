/** What each type of finding means, and what to do. */
import type { FindingType, Severity } from '../../audit/index.ts';

export interface Rule {
  /** The rule's name in SARIF. */
  readonly name: string;
  /** How severe most findings of this type are. */
  readonly severity: Severity;
  /** One sentence: what happened. */
  readonly says: string;
  /** What it means, and what to do about it. */
  readonly help: string;
}

export const RULES: Readonly<Record<FindingType, Rule>> = {
  altered: {
    name: 'AlteredHandle',
    severity: 'high',
    says: 'The ring has the key that the handle names, but this key does not open the handle: the handle was forged, or changed on its way.',
    help: 'Find out who presented the handle. One changed character is a sign of a careless copy. Many such handles, or a handle that no server issued, are a sign of an attack. A server refuses the handle as "rejected". If the server\'s log gives the reason "iv", the maker of the handle had the secret of the ring, but not its private key: find out who has inspector rings.',
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
    says: 'The logs have more different handles than the audit can remember. The audit left out the rest.',
    help: 'Audit the logs in parts: by day, or by client.',
  },
  encrypted_anew: {
    name: 'EncryptedAnew',
    severity: 'medium',
    says: 'Two ciphertexts contain the same signed claims.',
    help: 'No server accepts the second ciphertext. This is not a fork, because the claims were signed only once. The holder of an inspector ring can make such a ciphertext. If the handle is compressed, a replica with another compressor can also make such a ciphertext. Find out who has inspector rings.',
  },
  replay: {
    name: 'Replay',
    severity: 'medium',
    says: 'An older revision was presented after a newer revision was seen.',
    help: 'An old handle stays valid until it expires, and shows the old state. A client that loses track of the newest handle causes such a replay. Look for a fork of the same task: a replay that changes the state makes a fork.',
  },
  used_after_expiry: {
    name: 'UsedAfterExpiry',
    severity: 'medium',
    says: 'A handle was presented after its expiry.',
    help: 'A server refuses such a handle as "expired", and changes nothing. If a server accepted the handle, the server\'s clock is wrong.',
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
    says: 'A handle replaces another handle that is not in the logs.',
    help: 'Add the logs of the other replicas and earlier logs. If the logs are complete, something removed the handle from them.',
  },
  other_ring: {
    name: 'OtherRing',
    severity: 'low',
    says: 'A handle was sealed with a key that the ring does not have.',
    help: 'The handle comes from another deployment, or its key was removed from the ring. Name a ring that has the key.',
  },
};
