import { printable } from '../../base/printable.ts';
import { redactText } from '../../net/redact.ts';
import type { ImageResult } from '../../policy/resource/policy.ts';
import type { RuleResult } from '../../policy/resource/verdict.ts';
import { reportLimits as limits } from './limits.ts';
import type { PolicyDescription, ReportOutcome, ReportResult, ReportTarget } from './model.ts';

/** The name under which these results stand among those of other tools. */
export const reportSource = 'seaworthy';

/** What results are written with. */
export interface ReportResultOptions {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** What a policy says of itself, by its id. */
  readonly describe?: ((policy: string) => PolicyDescription | undefined) | undefined;
}

/** What rules say of an object, in the words of reports, in the order of the results. */
export function reportResults(
  { apiVersion, kind }: Pick<ReportTarget, 'apiVersion' | 'kind'>,
  results: readonly RuleResult[],
  { now, describe }: ReportResultOptions,
): ReportResult[] {
  // Messages may quote the object, and others may read reports than may read Secrets.
  const isSecret = apiVersion === 'v1' && kind === 'Secret';
  const timestamp = { seconds: Math.floor(now / 1000), nanos: 0 };
  return results.map((each) => {
    const { policy, rule, images } = each;
    const result = outcomeOf(each);
    const message = isSecret ? '' : oneLine(each.message);
    const { severity, category } = describe?.(policy) ?? {};
    const told = imagesText(images);
    return {
      source: reportSource,
      policy,
      rule,
      result,
      scored: result !== 'warn',
      ...(message === '' ? {} : { message }),
      ...(severity === undefined ? {} : { severity }),
      ...(category === undefined ? {} : { category: printable(category, limits.category) }),
      timestamp,
      ...(told === '' ? {} : { properties: { images: told } }),
    };
  });
}

/** A rule that would deny, and one that only tells reports, count; one that only warns does not (wgpolicyk8s.io, "scored"). */
function outcomeOf({ outcome, action }: Pick<RuleResult, 'outcome' | 'action'>): ReportOutcome {
  return outcome === 'failed' && action === 'warn' ? 'warn' : words[outcome];
}

const words = { passed: 'pass', failed: 'fail', skipped: 'skip', undecided: 'error' } as const;

function imagesText(images: readonly ImageResult[]): string {
  const names = images.map(({ name, digest }) =>
    digest === undefined || name.includes('@') ? name : `${name}@${digest}`,
  );
  const kept: string[] = [];
  let length = 0;
  for (const name of new Set(names)) {
    length += name.length + 2;
    // Whole names only: a part of a digest is none.
    if (length > limits.images) return [...kept, '…'].join(', ');
    kept.push(printable(name, limits.images));
  }
  return kept.join(', ');
}

function oneLine(text: string): string {
  return printable(redactText(text.trim().replaceAll(/\s+/g, ' ')), limits.message);
}
