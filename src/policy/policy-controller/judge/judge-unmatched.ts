import { printable } from '../../../base/printable.ts';
import { policyLimits } from '../../limits.ts';
import { readImageName } from '../../resource/image-spellings.ts';
import type { ImageResult, ResourceInput, RuleAnswer } from '../../resource/policy.ts';
import { matchesResource } from '../match-resource.ts';
import type { CompiledImagePolicy } from './compiled-policy.ts';
import { type ImageJudging, isAbout } from './judge-image.ts';
import { judgeImages } from './judge-object.ts';

/** Says of images that no policy is about that there must be one. */
export function judgeUnmatched(
  policies: readonly CompiledImagePolicy[],
  action: 'deny' | 'warn',
  input: ResourceInput,
  parts: Pick<ImageJudging, 'settings' | 'bare'>,
): RuleAnswer {
  const about = policies.filter(({ match }) => matchesResource(match, input.subject));
  return judgeImages(input, action, parts, (image, judging): ImageResult | 'notAbout' | 'needs' => {
    const name = printable(image.image, policyLimits.told);
    const reference = readImageName(image.image);
    if (reference !== undefined) {
      const answers = about.map((policy) => isAbout(policy, image, reference, judging));
      if (answers.includes('yes')) return 'notAbout';
      if (answers.includes('needs')) return 'needs';
      const unknown = answers.find((answer) => typeof answer !== 'string');
      if (unknown !== undefined) return { image, name, outcome: unknown.outcome, message: `${name}: ${unknown.why}` };
    }
    const message = `no matching policies: ${name}; write a ClusterImagePolicy that is about it`;
    return { image, name, outcome: 'failed', message };
  });
}
