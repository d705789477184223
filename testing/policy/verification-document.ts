import type { Signer } from '../../src/policy/model.ts';
import type { KyvernoPolicy } from '../../src/policy/kyverno/document/policy/model.ts';
import { readKyvernoPolicies } from '../../src/policy/kyverno/document/read-documents.ts';
import type { KyvernoVerification } from '../../src/policy/kyverno/document/verification/model.ts';
import { type VerificationCase, verifyImages } from './verify-images.ts';

/** The versions of Kyverno's policies. */
export const kyvernoVersions = ['kyverno.io/v1', 'kyverno.io/v2beta1'] as const;

/** One of {@link kyvernoVersions}. */
export type KyvernoVersion = (typeof kyvernoVersions)[number];

/** What an entry of `verifyImages` is asked about; a Pod with one image unless it says otherwise. */
export type EntryCase = Partial<Omit<VerificationCase, 'entries' | 'rule'>>;

/** The image that entries are asked about. */
export const askedImage = 'ghcr.io/org/app:1';

/**
 * What comes of an entry as it stands in the text of a policy that enforces: `refused` for what is wrong with it, else how the rule
 * decides, `audit` where that denies nothing, and `pinned` where a digest is put in.
 */
export async function entryOutcome(
  version: KyvernoVersion,
  entry: KyvernoVerification,
  more: EntryCase = {},
): Promise<string> {
  const policy = await readEntry(version, entry);
  const [rule] = policy?.spec.rules ?? [];
  if (rule === undefined) return 'refused';
  try {
    const { answer } = verifyImages({ rule, entries: rule.verifyImages ?? [], object: [askedImage], ...more });
    if (answer.kind !== 'decided') return answer.kind;
    const isPinned = answer.images.some(({ pinned }) => pinned !== undefined);
    return `${answer.outcome}${answer.action === 'deny' ? '' : ' audit'}${isPinned ? ' pinned' : ''}`;
  } catch {
    return 'refused';
  }
}

/** The signers that an entry has an image looked at for. @throws where it is wrong */
export async function entrySigners(version: KyvernoVersion, entry: KyvernoVerification): Promise<readonly Signer[]> {
  const policy = await readEntry(version, entry);
  const [rule] = policy?.spec.rules ?? [];
  if (rule === undefined) throw new Error('it is refused');
  const { checks } = verifyImages({ rule, entries: rule.verifyImages ?? [], object: [askedImage] });
  return checks[0]?.policy.policy.signers ?? [];
}

async function readEntry(apiVersion: KyvernoVersion, entry: KyvernoVerification): Promise<KyvernoPolicy | undefined> {
  const match = { any: [{ resources: { kinds: ['Pod'] } }] };
  const rules = [{ name: 'check', match, verifyImages: [entry] }];
  const text = JSON.stringify({
    apiVersion,
    kind: 'ClusterPolicy',
    metadata: { name: 'check-images' },
    spec: { validationFailureAction: 'Enforce', background: false, rules },
  });
  return (await readKyvernoPolicies(text)).policies[0]?.policy;
}

/** Fields of attestors that whoever verifies signatures heeds, so that they are tried on real signatures. */
export const trustFields: readonly string[] = [
  'signatureAlgorithm',
  'keys.signatureAlgorithm',
  'keys.rekor.ignoreTlog',
  'keys.rekor.pubkey',
  'keys.ctlog.tsaCertChain',
  'certificates.cert',
  'certificates.certChain',
  'keyless.roots',
  ...['certificates', 'keyless'].flatMap((kind) =>
    ['rekor.ignoreTlog', 'rekor.pubkey', 'ctlog.ignoreSCT', 'ctlog.pubkey', 'ctlog.tsaCertChain'].map(
      (field) => `${kind}.${field}`,
    ),
  ),
];
