import type { Digest } from '../../../oci/digest.ts';
import { LangError } from '../../../lang/error.ts';
import { printable } from '../../../base/printable.ts';
import { policyLimits } from '../../limits.ts';
import { formatKyvernoImage } from '../../kyverno/image-name.ts';
import type { ResourceImage } from '../../resource/images.ts';
import type { ImageResult, ResourceInput, ResourceOutcome } from '../../resource/policy.ts';
import type { ImageValidationRule } from './model.ts';
import type { ObjectImages } from './object-images.ts';
import type { ObjectJudging } from './object-judging.ts';
import type { ValidationResult } from './validate.ts';

/**
 * What is to be said of each image once validations were evaluated: whether anybody verified it (`required`), and whether it has a digest
 * or is to have one (`verifyDigest`, `mutateDigest`).
 */
export function imageResults(
  rule: ImageValidationRule,
  input: ResourceInput,
  judging: ObjectJudging,
  { names, places }: ObjectImages,
  { messages, errors, verified }: ValidationResult,
): readonly ImageResult[] {
  const isGood = messages.length === 0 && errors.length === 0;
  return names.flatMap((name) => {
    const own = places.filter(({ image }) => image === name);
    const where: readonly (ResourceImage | undefined)[] = own.length === 0 ? [undefined] : own;
    return where.map((place): ImageResult => {
      const said = sayOf(rule, { input, judging, isGood }, name, place !== undefined, verified.get(name));
      const outcome: ResourceOutcome =
        said.message !== '' ? 'failed' : isGood ? 'passed' : messages.length > 0 ? 'failed' : 'undecided';
      const { digest, pinned } = said;
      return {
        image: place ?? { group: 'images', name, image: name, pointer: '' },
        name: printable(name, policyLimits.told),
        outcome,
        message:
          said.message !== '' || outcome === 'passed'
            ? said.message
            : (messages.length > 0 ? messages : errors).join('; '),
        ...(digest === undefined ? {} : { digest }),
        ...(pinned === undefined || outcome !== 'passed' ? {} : { pinned }),
      };
    });
  });
}

interface Said {
  readonly message: string;
  readonly digest?: Digest;
  readonly pinned?: string;
}

function sayOf(
  { required, mutateDigest, verifyDigest }: ImageValidationRule,
  {
    input,
    judging,
    isGood,
  }: { readonly input: ResourceInput; readonly judging: ObjectJudging; readonly isGood: boolean },
  name: string,
  hasPlace: boolean,
  isVerified: boolean | undefined,
): Said {
  const named = judging.answers.nameOf(name);
  const puts = mutateDigest && input.pins && hasPlace && named.digest === '';
  const digest = digestOf(judging, name, puts && isGood);
  const known = digest === undefined ? {} : { digest };
  // Where a validation is false or has no answer, that says why it was not.
  if (required && isGood && isVerified !== true) {
    const why = isVerified === undefined ? 'no validation looked at it' : 'nobody who counts verified it';
    return { message: `unverified image ${name}: ${why}`, ...known };
  }
  const repository = named.registry === '' ? named.path : `${named.registry}/${named.path}`;
  if (puts)
    return {
      message: '',
      ...known,
      ...(digest === undefined ? {} : { pinned: `${repository}:${named.tag}@${digest}` }),
    };
  if (verifyDigest && named.digest === '') {
    const by = `${repository}@${digest ?? 'sha256:…'}`;
    return { message: `missing digest for ${formatKyvernoImage(named)}; name it by its digest, ${by}`, ...known };
  }
  return { message: '', ...known };
}

/** What a name stands for; nobody is asked only to tell it, unless it is to be put in. @throws LangError where it then is not known */
function digestOf(judging: ObjectJudging, name: string, isWanted: boolean): Digest | undefined {
  if (!isWanted && !judging.verified.has(name)) return undefined;
  try {
    return judging.answers.answer(name).digest;
  } catch (error) {
    if (error instanceof LangError && !isWanted) return undefined;
    throw error;
  }
}
