import { createHash } from 'node:crypto';
import { printable } from '../../../base/printable.ts';
import { LangError } from '../../../lang/error.ts';
import {
  type ImageNaming,
  formatKyvernoImage,
  type KyvernoImage,
  parseKyvernoImage,
} from '../../kyverno/image-name.ts';
import type { CompiledPolicy } from '../../compile.ts';
import type { ImageAnswer, ImageCheck, RegistryAccess, ResourceInput } from '../../resource/policy.ts';
import { NotYetKnown } from './not-yet-known.ts';

/** Where what has no host is pulled from. */
const usualRegistry = 'docker.io';

/** What images are asked about with. */
export interface ImageQuestion {
  readonly policy: CompiledPolicy;
  readonly access: RegistryAccess;
  readonly wantsEvidence: boolean;
}

/** Asks about images of one object, each once, and collects what is not known yet. */
export class ImageAnswers {
  readonly checks: Map<string, ImageCheck> = new Map();
  /** Images that their registries do not have, or that were looked at by another digest than theirs; sentences. */
  readonly wrong: Map<string, string> = new Map();
  readonly #input: ResourceInput;
  readonly #naming: ImageNaming;
  readonly #question: () => ImageQuestion;

  constructor(input: ResourceInput, naming: ImageNaming, question: () => ImageQuestion) {
    this.#input = input;
    this.#naming = naming;
    this.#question = question;
  }

  /** The parts of an image's name. @throws LangError for what is none */
  nameOf(image: string): KyvernoImage {
    const named = parseKyvernoImage(image, this.#naming);
    if (named !== undefined) return named;
    throw new LangError('EVALUATION', `"${printable(image, 200)}" is no name of an image`);
  }

  /** Asks about an image without waiting for the answer. */
  ask(image: string): void {
    try {
      this.answer(image);
    } catch (error) {
      if (!(error instanceof LangError)) throw error;
    }
  }

  /** What came of judging an image. @throws NotYetKnown, LangError where that cannot be told */
  answer(image: string): ImageAnswer {
    const named = this.nameOf(image);
    const check = this.#checkOf(named);
    const found = this.#input.images.get(check.key);
    switch (found?.state) {
      case 'known':
        return this.#checked(image, named, found.value);
      case 'absent':
        throw this.#fail(image, 'its registry has no such image; push it, or correct the name');
      case 'pending':
        throw new LangError('EVALUATION', `${formatKyvernoImage(named)} is still being looked at`);
      case 'unavailable':
        throw new LangError('EVALUATION', `${formatKyvernoImage(named)} could not be looked at: ${found.reason}`);
      default:
        this.checks.set(check.key, check);
        throw new NotYetKnown(formatKyvernoImage(named));
    }
  }

  #checked(image: string, { digest }: KyvernoImage, answer: ImageAnswer): ImageAnswer {
    if (digest === '' || digest === answer.digest) return answer;
    throw this.#fail(image, `${answer.digest} was looked at in its place; try again`);
  }

  #fail(image: string, why: string): LangError {
    this.wrong.set(image, why);
    return new LangError('EVALUATION', `${printable(image, 200)}: ${why}`);
  }

  #checkOf(image: KyvernoImage): ImageCheck {
    const { policy, access, wantsEvidence } = this.#question();
    const registry = image.registry === '' ? usualRegistry : image.registry;
    const reference = formatKyvernoImage({ ...image, registry });
    const question = [reference, policy.hash, access.plainHttp, access.secrets, access.providers, wantsEvidence];
    return {
      key: createHash('sha256').update(JSON.stringify(question)).digest('hex'),
      reference,
      policy,
      access,
      ...(wantsEvidence ? { wantsEvidence: true } : {}),
    };
  }
}

/** The rule of a verdict that tells about an attestor. @throws LangError where it could not be decided */
export function countsBy({ verdict }: ImageAnswer, rule: string): { readonly counts: boolean; readonly why: string } {
  const found = verdict.rules.find((each) => each.rule === rule);
  if (found === undefined) throw new LangError('EVALUATION', `Nobody looked for ${rule}`);
  if (found.outcome === 'undecided') throw new LangError('EVALUATION', found.sentence);
  const [fact] = found.facts;
  const why = fact?.kind === 'signature' || fact?.kind === 'attestation' ? (fact.why ?? '') : '';
  return { counts: found.outcome === 'passed', why };
}
