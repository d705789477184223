import { isObject, memberOf } from '../../lang/jmespath/value.ts';
import type { LabelSelector } from '../kyverno/document/match/model.ts';
import type { ResourceSubject } from '../resource/model.ts';
import { resourceNameOf } from '../resource/resource-name.ts';
import { selectsOwnLabels } from '../resource/label-selector.ts';
import type { MatchResource } from './document/cluster-image-policy/model.ts';

/** Whether a policy is about an object: of one of the kinds that it names, with the labels that it names; any with pods where it names none. */
export function matchesResource(matches: readonly MatchResource[], subject: ResourceSubject): boolean {
  if (matches.length === 0) return true;
  return matches.some(
    ({ group, version, resource, selector }) =>
      isOf(group, subject.group) &&
      isOf(version, subject.version) &&
      isOf(resource, resourceNameOf(subject)) &&
      (selector === undefined || hasLabels(selector, subject)),
  );
}

/** Labels that an object has only now, or had until now, do not take it out of a policy. */
function hasLabels(selector: LabelSelector, { object, oldObject }: ResourceSubject): boolean {
  return [object, oldObject].some((each) => {
    if (each === undefined) return false;
    const metadata = memberOf(each, 'metadata');
    return selectsOwnLabels(selector, isObject(metadata) ? memberOf(metadata, 'labels') : null);
  });
}

function isOf(wanted: string | undefined, found: string): boolean {
  return wanted === undefined || wanted === '' || wanted.toLowerCase() === found.toLowerCase();
}
