import { compareText } from '../../base/compare-text.ts';
import type { NewObject } from '../../kubernetes/client.ts';
import { apiVersionOf, type KubernetesObject, type ResourceType } from '../../kubernetes/model.ts';
import { reportLimits as limits } from './limits.ts';
import { type ReportOutcome, reportOutcomes, type ReportResult, type ReportTarget } from './model.ts';
import { reportSource } from './report-results.ts';

/** The label by which a report is one of these (Kubernetes, "Recommended Labels"). */
const managedBy = 'app.kubernetes.io/managed-by';

/** Which are told first where there are too many. */
const ranks: Readonly<Record<ReportOutcome, number>> = { fail: 0, error: 1, warn: 2, skip: 3, pass: 4 };

/** Whether a report was written here, so that it may be written again. */
export function isOwnReport({ metadata: { labels } }: KubernetesObject): boolean {
  return labels?.[managedBy] === reportSource;
}

/**
 * The report about an object: one for each, with the object's uid as its name, which goes when the object goes. Results are in the order
 * of their policies and rules, so that the same results are the same report; of too many, the worst are told.
 *
 * @param type what the cluster calls reports
 * @param before what stands there now; labels and annotations of others stay
 */
export function reportOf(
  target: ReportTarget,
  all: readonly ReportResult[],
  type: ResourceType,
  { name = target.uid, before }: { readonly name?: string; readonly before?: KubernetesObject | undefined } = {},
): NewObject & KubernetesObject {
  const results = tellable(all);
  const { apiVersion, kind, uid } = target;
  const place = target.namespace === '' ? {} : { namespace: target.namespace };
  return {
    apiVersion: apiVersionOf(type),
    kind: type.kind,
    metadata: {
      ...before?.metadata,
      name,
      ...place,
      labels: { ...before?.metadata.labels, [managedBy]: reportSource },
      ownerReferences: [{ apiVersion, kind, name: target.name, uid }],
    },
    // Readers of the newer kind look for it here, and the older one has no such field.
    ...(type.group === 'openreports.io' ? { source: reportSource } : {}),
    scope: { apiVersion, kind, ...place, name: target.name, uid },
    results,
    summary: summaryOf(results),
  };
}

function tellable(all: readonly ReportResult[]): ReportResult[] {
  const worst = [...all].sort((a, b) => ranks[a.result] - ranks[b.result]).slice(0, limits.results);
  return worst.sort((a, b) => compareText(a.policy, b.policy) || compareText(a.rule, b.rule));
}

function summaryOf(results: readonly ReportResult[]): Readonly<Record<ReportOutcome, number>> {
  const counts = { pass: 0, fail: 0, warn: 0, error: 0, skip: 0 };
  for (const { result } of results) counts[result] += 1;
  return counts;
}

/** The results of a report that is there; what is none, as others may write there, is left out. */
export function resultsOf(report: KubernetesObject): readonly ReportResult[] {
  const { results } = report;
  if (!Array.isArray(results)) return [];
  return (results as readonly unknown[]).slice(0, limits.results).filter(isResult);
}

function isResult(value: unknown): value is ReportResult {
  if (typeof value !== 'object' || value === null) return false;
  const { policy, rule, result, timestamp } = value as Partial<Record<keyof ReportResult, unknown>>;
  return (
    typeof policy === 'string' &&
    typeof rule === 'string' &&
    reportOutcomes.some((each) => each === result) &&
    typeof timestamp === 'object' &&
    timestamp !== null
  );
}
