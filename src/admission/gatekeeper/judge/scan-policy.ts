import { compilePolicy } from '../../../policy/compile.ts';
import type { Evidence } from '../../../policy/evidence.ts';
import type { ImageCheck, ResourcePolicy, RuleDecision } from '../../../policy/resource/policy.ts';

/** A policy that asks for what is known of an image, and denies nothing. */
export interface ScanPolicy {
  readonly policy: ResourcePolicy;
  /** What came of it; undefined where nobody looked, with the reason where that is known. */
  readonly found: () => { readonly evidence: readonly Evidence[] } | { readonly reason: string };
}

const name = 'scan';

/**
 * No flaw has this id, so that an image passes when its flaws are known, whatever they are, and is kept as one that did; while they are
 * not, it is undecided, and looked at anew by who asks next.
 */
const compiled = compilePolicy({
  rules: [{ name, kind: 'vulnerabilities', action: 'deny', ids: ['none'], incomplete: 'allow' }],
  signers: [],
  exceptions: [],
  unknown: 'deny',
});

/**
 * Has the flaws of an image looked up on the way of every other policy, so that the name is looked up once for all of them, and a scan
 * is one for whoever asks.
 */
export function scanPolicy(reference: string): ScanPolicy {
  const access = { plainHttp: false, secrets: [], providers: [] };
  const check: ImageCheck = { key: `${name} ${reference}`, reference, policy: compiled, access, wantsEvidence: true };
  let found: ReturnType<ScanPolicy['found']> = { reason: 'nobody looked at it' };
  const passed: RuleDecision = { kind: 'decided', outcome: 'passed', action: 'audit', message: '', images: [] };
  return {
    found: () => found,
    policy: {
      id: `gatekeeper/${name}`,
      dialect: 'seaworthy',
      hash: compiled.hash,
      unknown: 'allow',
      admission: true,
      background: false,
      firstRuleOnly: false,
      matchConditions: [],
      rules: [
        {
          name,
          kinds: ['/v1/Pod'],
          pins: false,
          judge({ images }) {
            const answer = images.get(check.key);
            if (answer === undefined) return { kind: 'needs', lookups: [], images: [check] };
            if (answer.state === 'known') found = { evidence: answer.value.evidence ?? [] };
            else found = { reason: answer.state === 'unavailable' ? answer.reason : reasons[answer.state] };
            return passed;
          },
        },
      ],
    },
  };
}

const reasons = {
  absent: 'there is no such image in its registry',
  pending: 'it is still being looked up',
} as const;
