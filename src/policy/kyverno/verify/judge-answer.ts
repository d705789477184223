import type { Gathered } from '../../evidence.ts';
import type { CompiledPolicy } from '../../compile.ts';
import { told } from '../../explain/describe-fact.ts';
import { keyReferencesOf } from '../../key-files.ts';
import type { Digest } from '../../../oci/digest.ts';
import type { ImageAnswer, ResourceOutcome } from '../../resource/policy.ts';
import type { Verdict } from '../../verdict.ts';
import { formatKyvernoImage, type KyvernoImage } from '../image-name.ts';
import { tellRule, type ToldImage } from './told-rule.ts';

/** What an entry says of an image. */
export interface EntryResult {
  readonly outcome: ResourceOutcome;
  /** For people; empty when it passed. */
  readonly message: string;
  readonly digest?: Digest;
  /** Whether the image is to be called by the digest. */
  readonly pin: boolean;
}

/** A result with what is different from one that passed and changes nothing. */
export function entryResult(parts: Partial<EntryResult>): EntryResult {
  return { outcome: 'passed', message: '', pin: false, ...parts };
}

/**
 * What came of judging an image by an entry's policy.
 *
 * @param message gives what the entry has to say where its `validate` denies
 */
export function judgeAnswer(
  image: KyvernoImage,
  answer: Gathered<ImageAnswer>,
  policy: CompiledPolicy,
  message: () => string | undefined,
): EntryResult {
  const name = formatKyvernoImage(image);
  switch (answer.state) {
    case 'pending':
      return entryResult({
        outcome: 'undecided',
        message: `failed to verify image ${name}: it is still being looked at`,
      });
    case 'unavailable':
      return entryResult({ outcome: 'undecided', message: `failed to verify image ${name}: ${told(answer.reason)}` });
    case 'absent':
      return entryResult({
        outcome: 'failed',
        message: `failed to verify image ${name}: its registry has no such image; push it, or correct the name`,
      });
    default:
      return judgeVerdict(image, answer.value, policy, message);
  }
}

function judgeVerdict(
  image: KyvernoImage,
  { digest, verdict }: ImageAnswer,
  { policy, hash }: CompiledPolicy,
  message: () => string | undefined,
): EntryResult {
  const name = formatKyvernoImage(image);
  // Keys of secrets and services are looked up before it is judged, which makes another policy of it.
  if (verdict.policyHash !== hash && keyReferencesOf(policy).length === 0) {
    const sentence = `failed to verify image ${name}: the answer is about another policy; try again`;
    return entryResult({ outcome: 'undecided', message: sentence });
  }
  if (image.digest !== '' && image.digest !== digest) {
    const sentence = `failed to verify image ${name}: ${digest} was looked at in its place`;
    return entryResult({ outcome: 'failed', message: sentence });
  }
  // Only what is named by its tag can be called otherwise.
  if (verdict.decision === 'allow') return entryResult({ digest, pin: verdict.pin && image.digest === '' });
  const about: ToldImage = { name, repository: repositoryOf(image), digest };
  const texts = deciding(verdict).map((each) => {
    const rule = policy.rules.find((one) => one.name === each.rule);
    return tellRule(each, rule, about, each.kind === 'expression' ? message() : undefined);
  });
  return entryResult({
    outcome: verdict.decision === 'deny' ? 'failed' : 'undecided',
    message: texts.length > 0 ? texts.join('; ') : `failed to verify image ${name}: ${told(verdict.message)}`,
    digest,
  });
}

function deciding({ decision, rules }: Verdict): Verdict['rules'] {
  const outcome = decision === 'deny' ? 'violated' : 'undecided';
  return rules.filter((each) => each.action === 'deny' && each.outcome === outcome);
}

/** `ghcr.io/org/app` */
export function repositoryOf({ registry, path }: KyvernoImage): string {
  return registry === '' ? path : `${registry}/${path}`;
}
