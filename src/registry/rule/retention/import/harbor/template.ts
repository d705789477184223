import { formatAge } from '../../../../../base/time-text.ts';
import { compareText, type ManifestView } from '../../repository-view.ts';
import { lastPull, lastPush } from '../image.ts';
import { policyError } from '../read-policy.ts';
import type { HarborRule } from './schema.ts';

/** Picks the images that a rule retains among those that it selects, each with a sentence that says why. */
export type Template = (images: readonly ManifestView[], now: number) => Iterable<readonly [ManifestView, string]>;

const day = 86_400_000;

/** Largest parameters that Harbor takes: less than 2^15 images, and a number of days. */
const mostImages = 32_766;
const mostDays = 20_190_904;

/** Compiles what a rule retains. @throws RuleError POLICY_INVALID, RULE_UNSUPPORTED */
export function compileTemplate(rule: HarborRule, path: string): Template {
  switch (rule.template) {
    case 'always':
      return readNothing(rule, path, retainAll);
    case 'latestPushedK':
      return retainFirst(readCount(rule, path, mostImages), 'push', (a, b) => lastPush(b) - lastPush(a));
    case 'latestPulledN':
      return retainFirst(readCount(rule, path, mostImages), 'pull', byPull);
    case 'latestActiveK':
      return retainFirst(readCount(rule, path, mostImages), 'last use', (a, b) => lastUse(b) - lastUse(a));
    case 'nDaysSinceLastPush':
    case 'lastXDays':
      return retainWithin(readCount(rule, path, mostDays), 'Pushed', lastPush);
    case 'nDaysSinceLastPull':
      // Harbor takes an image without a pull for one that was pulled in the year 1, and so would remove all that was just
      // moved here; its push is taken instead.
      return retainWithin(
        readCount(rule, path, mostDays),
        'Last pulled, or pushed where no pull is known,',
        lastPullOrPush,
      );
    default:
      throw policyError('RULE_UNSUPPORTED', `${path}.template`, `is "${rule.template}", which is not known`);
  }
}

function* retainAll(images: readonly ManifestView[]): Iterable<readonly [ManifestView, string]> {
  for (const image of images) yield [image, 'The rule always retains it.'];
}

function retainFirst(count: number, name: string, order: (a: ManifestView, b: ManifestView) => number): Template {
  return function* (images) {
    const sorted = images.toSorted(
      (a, b) => order(a, b) || lastPush(b) - lastPush(a) || compareText(a.manifest.digest, b.manifest.digest),
    );
    for (const [index, image] of sorted.slice(0, count).entries()) {
      yield [image, `Number ${index + 1} by ${name}, among the newest ${count}.`];
    }
  };
}

function retainWithin(days: number, what: string, time: (image: ManifestView) => number): Template {
  return function* (images, now) {
    for (const image of images) {
      const age = now - time(image);
      if (age <= days * day) yield [image, `${what} ${formatAge(age)} ago, within ${days}d.`];
    }
  };
}

/** Images of which no pull is known come after all others. */
function byPull(a: ManifestView, b: ManifestView): number {
  const pulledA = lastPull(a) ?? -Infinity;
  const pulledB = lastPull(b) ?? -Infinity;
  return pulledA === pulledB ? 0 : pulledB - pulledA;
}

function lastPullOrPush(image: ManifestView): number {
  return lastPull(image) ?? lastPush(image);
}

function lastUse(image: ManifestView): number {
  return Math.max(lastPush(image), lastPull(image) ?? -Infinity);
}

/** The rule's one parameter, which is named like its template. */
function readCount({ template, params }: HarborRule, path: string, most: number): number {
  const value = params?.[template];
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0 || value > most) {
    throw policyError('POLICY_INVALID', `${path}.params.${template}`, `is no whole number from 0 to ${most}`);
  }
  refuseOthers(params, template, path);
  return value;
}

function readNothing({ params }: HarborRule, path: string, template: Template): Template {
  refuseOthers(params, undefined, path);
  return template;
}

function refuseOthers(params: HarborRule['params'], known: string | undefined, path: string): void {
  for (const name of Object.keys(params ?? {})) {
    if (name !== known) throw policyError('RULE_UNSUPPORTED', `${path}.params`, `has "${name}", which is not known`);
  }
}
