import { createHash } from 'node:crypto';
import { formatReference, type Reference } from '../../../oci/reference.ts';
import type { CompiledPolicy } from '../../compile.ts';
import type { Gathered } from '../../evidence.ts';
import type { ImageAnswer, ImageCheck, ResourceInput } from '../../resource/policy.ts';

/** Asks for images of one object, and collects what is not known yet. */
export class ImageQuestions {
  readonly checks: Map<string, ImageCheck> = new Map();
  readonly #input: ResourceInput;

  constructor(input: ResourceInput) {
    this.#input = input;
  }

  /** What came of judging an image; undefined where nobody did. @param pullSecrets names of Secrets in the object's namespace */
  ask(image: Reference, policy: CompiledPolicy, pullSecrets: readonly string[]): Gathered<ImageAnswer> | undefined {
    const { namespace } = this.#input.subject;
    const secrets = namespace === '' ? [] : pullSecrets.map((name) => `${namespace}/${name}`);
    const reference = formatReference(image);
    const check: ImageCheck = {
      key: createHash('sha256')
        .update(JSON.stringify([reference, policy.hash, secrets]))
        .digest('hex'),
      reference,
      policy,
      access: { plainHttp: false, secrets, providers: [] },
    };
    const answer = this.#input.images.get(check.key);
    if (answer === undefined) this.checks.set(check.key, check);
    return answer;
  }
}
