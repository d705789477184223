import { watchedPodOfImage } from '../../../policy/resource/pod-of-image.ts';
import type { ResourcePolicy, ResourceRule, RuleAnswer } from '../../../policy/resource/policy.ts';

/**
 * Policies as they are asked about an image of a Pod that is not known: what the Pod itself lacks, such as labels or limits, is not the
 * image's fault, and whoever has the whole Pod judges that. A rule that says no without having looked at the image, and whose text does
 * not speak of images, is not about them, and is taken for one that the Pod meets. A rule about both stays one that no image meets, and
 * what could not be decided stays so, since nobody knows what either would have looked at.
 */
export function rulesAboutImage(
  policies: readonly ResourcePolicy[],
  image: string,
  namespace: string,
): readonly ResourcePolicy[] {
  return policies.map((policy) => ({
    ...policy,
    rules: policy.rules.map((rule) => ruleAboutImage(rule, image, namespace)),
  }));
}

function ruleAboutImage(rule: ResourceRule, image: string, namespace: string): ResourceRule {
  let looked = false;
  // Its own, so that what one rule read is not taken for what another did.
  const subject = watchedPodOfImage(image, namespace, () => (looked = true));
  return {
    ...rule,
    judge(input): RuleAnswer {
      const answer = rule.judge({ ...input, subject });
      const isOfPod =
        answer.kind === 'decided' && answer.outcome === 'failed' && !looked && rule.mentionsImages !== true;
      return isOfPod ? { ...answer, outcome: 'passed', message: '', images: [] } : answer;
    },
  };
}
