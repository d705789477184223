import type { KubernetesObject } from '../../kubernetes/model.ts';
import type { PolicyDescription, ReportSeverity } from '../report/model.ts';

const severities: readonly ReportSeverity[] = ['critical', 'high', 'medium', 'low', 'info'];

/** What policies say of themselves (Kyverno, "Policy annotations"): anything else of these names is none. */
export function describePolicy(object: KubernetesObject | undefined): PolicyDescription | undefined {
  const { annotations } = object?.metadata ?? {};
  if (annotations === undefined) return undefined;
  const severity = severities.find((each) => each === annotations['policies.kyverno.io/severity']);
  const category = annotations['policies.kyverno.io/category'];
  return { ...(severity === undefined ? {} : { severity }), ...(category === undefined ? {} : { category }) };
}
