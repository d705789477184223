import { OciError } from '../../../oci/error.ts';
import { formatReference, parseReference } from '../../../oci/reference.ts';
import { podOfImage } from '../../../policy/resource/pod-of-image.ts';
import type { ResourceSubject } from '../../../policy/resource/model.ts';
import type { ResourcePolicy } from '../../../policy/resource/policy.ts';
import type { ResourceVerdict } from '../../../policy/resource/verdict.ts';
import { judgeResource, type ResourceJudgeParts } from '../../resource/judge-resource.ts';
import type { JudgeProviderKey } from '../answer.ts';
import { rulesAboutImage } from './rules-about-image.ts';
import { scanFactsOf } from './scan-facts.ts';
import { scanPolicy } from './scan-policy.ts';

/** What images are judged with that Gatekeeper asks about: what reviews are judged with. */
export interface KeyJudgeParts extends ResourceJudgeParts {
  /** The policies that count now. @throws AdmissionError POLICIES_UNKNOWN before they were read */
  readonly policies: () => readonly ResourcePolicy[];
  /** Objects that no policy is asked about. */
  readonly passesOver: (subject: ResourceSubject) => boolean;
}

/** The namespace of a key that names none: where `kubectl` puts what names none. */
const usualNamespace = 'default';

const passed: ResourceVerdict = { allowed: true, results: [], message: '', warnings: [], pins: [] };

/**
 * Judges images as if a Pod with one of them came to a namespace, by all policies that are asked when objects come, whatever the paths
 * of their webhooks; by the same way as reviews, so that what either learns of an image answers both.
 *
 * Digests are put in by `mutate` alone. Where a policy wants one, an image without it does not pass `verify`, as in a webhook that only
 * validates: nobody would put in what was verified.
 */
export function keyJudge(parts: KeyJudgeParts): JudgeProviderKey {
  return async ({ image, namespace: named }, question, signal) => {
    const namespace = named === '' ? usualNamespace : named;
    const subject = podOfImage(image, namespace);
    const counting = parts.policies().filter(({ admission }) => admission);
    const policies = parts.passesOver(subject) ? [] : rulesAboutImage(counting, image, namespace);
    const scan = question === 'scan' ? scanOf(image) : undefined;
    const asked = scan === undefined ? policies : [...policies, scan.policy];
    if (asked.length === 0) return { verdict: passed };
    const pins = question === 'mutate';
    const verdict = await judgeResource(parts, { policies: asked, subject, gate: 'admission', pins }, signal);
    if (scan === undefined) return { verdict };
    const found = scan.found();
    const results = verdict.results.filter(({ policy }) => policy !== scan.policy.id);
    return { verdict: { ...verdict, results }, scan: 'reason' in found ? found : scanFactsOf(found.evidence) };
  };
}

/** Undefined for what is no name of an image: every policy about images says so. */
function scanOf(image: string): ReturnType<typeof scanPolicy> | undefined {
  try {
    return scanPolicy(formatReference(parseReference(image)));
  } catch (error) {
    if (error instanceof OciError) return undefined;
    throw error;
  }
}
