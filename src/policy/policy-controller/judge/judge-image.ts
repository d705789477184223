import { printable } from '../../../base/printable.ts';
import type { Digest } from '../../../oci/digest.ts';
import { formatReference, type Reference } from '../../../oci/reference.ts';
import type { CompiledPolicy } from '../../compile.ts';
import { told } from '../../explain/describe-fact.ts';
import { policyLimits } from '../../limits.ts';
import { readImageName } from '../../resource/image-spellings.ts';
import type { ResourceImage } from '../../resource/images.ts';
import type { ImageAnswer, ImageResult, ResourceInput } from '../../resource/policy.ts';
import { matchImage } from '../images/match-image.ts';
import type { PolicyControllerSettings } from '../settings.ts';
import type { ImageQuestions } from './ask-image.ts';
import type { CompiledImagePolicy } from './compiled-policy.ts';
import { tellAuthorities } from './tell-authorities.ts';

/** What images are judged with. */
export interface ImageJudging {
  readonly input: ResourceInput;
  readonly questions: ImageQuestions;
  readonly settings: PolicyControllerSettings;
  /** Asks for nothing but what a name stands for. */
  readonly bare: CompiledPolicy;
}

/** What is known of what a name stands for. */
type Named =
  | { readonly digest: Digest | undefined }
  | { readonly why: string; readonly outcome: 'failed' | 'undecided' };

/** What a policy says of one image of an object: nothing where it is not about it, or cannot tell yet. */
export function judgeImage(
  policy: CompiledImagePolicy,
  image: ResourceImage,
  judging: ImageJudging,
): ImageResult | 'notAbout' | 'needs' {
  const reference = readImageName(image.image);
  const failed = (outcome: 'failed' | 'undecided', why: string): ImageResult => {
    const name = printable(image.image, policyLimits.told);
    return { image, name, outcome, message: `failed policy: ${policy.name}: ${name}: ${why}` };
  };
  if (reference === undefined) return failed('failed', `it is no name of an image; correct ${image.pointer}`);
  const about = isAbout(policy, image, reference, judging);
  if (about === 'no') return 'notAbout';
  if (about === 'needs') return 'needs';
  if (about !== 'yes') return failed(about.outcome, about.why);
  const statics = policy.authorities.filter((each) => each.kind === 'static');
  const passes = policy.authorities.length === 0 || statics.some(({ action }) => action === 'pass');
  if (passes) return pinned(policy, image, reference, judging, failed);
  const signed = policy.authorities.flatMap((each) => (each.kind === 'signed' ? each.pullSecrets : []));
  if (policy.imagePolicy === undefined) return failed('failed', tellAuthorities(policy, undefined));
  const answer = judging.questions.ask(reference, policy.imagePolicy, [...new Set(signed)].sort());
  if (answer === undefined) return 'needs';
  if (answer.state !== 'known') return failed(...whyUnknown(answer));
  return verified(policy, image, reference, answer.value, judging, failed);
}

/** Whether a policy is about an image, by name or by what its name stands for. */
export function isAbout(
  { globs }: Pick<CompiledImagePolicy, 'globs'>,
  image: ResourceImage,
  reference: Reference,
  judging: ImageJudging,
): 'yes' | 'no' | 'needs' | Extract<Named, { why: string }> {
  const { exact } = judging.settings;
  const asked = { reference, written: image.image, digest: undefined };
  const first = matchImage(globs, asked, exact);
  if (first !== 'needsDigest') return first;
  const named = digestOf(reference, judging);
  if (named === 'needs') return named;
  if ('why' in named) return named;
  return matchImage(globs, { ...asked, digest: named.digest }, exact) === 'yes' ? 'yes' : 'no';
}

type Fail = (outcome: 'failed' | 'undecided', why: string) => ImageResult;

function verified(
  policy: CompiledImagePolicy,
  image: ResourceImage,
  reference: Reference,
  answer: ImageAnswer,
  judging: ImageJudging,
  failed: Fail,
): ImageResult {
  const { digest, verdict } = answer;
  if (reference.digest !== undefined && reference.digest !== digest) {
    return failed('failed', `${digest} was looked at in its place; try again`);
  }
  if (verdict.decision === 'allow') return byDigest(image, reference, digest, judging, failed);
  const why = `${tellAuthorities(policy, verdict)}; looked at ${nameOf({ ...reference, digest })}`;
  return { ...failed(verdict.decision === 'deny' ? 'failed' : 'undecided', why), digest };
}

/** An image that is let pass is called by its digest all the same. */
function pinned(
  policy: CompiledImagePolicy,
  image: ResourceImage,
  reference: Reference,
  judging: ImageJudging,
  failed: Fail,
): ImageResult | 'needs' {
  if (reference.digest !== undefined) return byDigest(image, reference, reference.digest, judging, failed);
  if (!judging.input.pins) return failed('failed', missingDigest(reference));
  const named = digestOf(reference, judging);
  if (named === 'needs') return named;
  if ('why' in named) return failed(named.outcome, named.why);
  return named.digest === undefined
    ? failed('failed', missingDigest(reference))
    : byDigest(image, reference, named.digest, judging, failed);
}

/** What a policy is about must be named by its digest, which is put in where that can be done. */
function byDigest(
  image: ResourceImage,
  reference: Reference,
  digest: Digest,
  { input }: ImageJudging,
  failed: Fail,
): ImageResult {
  const name = printable(image.image, policyLimits.told);
  const passed: ImageResult = { image, name, outcome: 'passed', message: '', digest };
  if (reference.digest !== undefined) return passed;
  if (!input.pins) return { ...failed('failed', missingDigest({ ...reference, digest })), digest };
  return { ...passed, pinned: formatReference({ ...reference, digest }) };
}

function missingDigest(reference: Reference): string {
  const by = reference.digest === undefined ? `${nameOf(reference)}@sha256:…` : nameOf(reference);
  return `it must be named by its digest, ${by}`;
}

function nameOf({ registry, repository, digest }: Reference): string {
  return `${registry}/${repository}${digest === undefined ? '' : `@${digest}`}`;
}

function digestOf(reference: Reference, { questions, bare }: ImageJudging): Named | 'needs' {
  if (reference.digest !== undefined) return { digest: reference.digest };
  const answer = questions.ask(reference, bare, []);
  if (answer === undefined) return 'needs';
  if (answer.state === 'known') return { digest: answer.value.digest };
  const [outcome, why] = whyUnknown(answer);
  return { outcome, why };
}

type Unknown = { readonly state: 'absent' | 'pending' | 'unavailable'; readonly reason?: string };

function whyUnknown({ state, reason = '' }: Unknown): ['failed' | 'undecided', string] {
  if (state === 'absent') return ['failed', 'its registry has no such image; push it, or correct the name'];
  return ['undecided', state === 'pending' ? 'it is still being looked at' : told(reason)];
}
