import { isKubernetesError, type KubernetesError, type KubernetesErrorCode } from '../../kubernetes/error.ts';
import { rulesOf } from '../../kubernetes/rbac-rule.ts';
import { isOfWorkloads, type ListedKind } from '../kinds.ts';
import type { Gap } from '../model.ts';
import type { Selection } from '../selection.ts';

/** Failures after which nothing else would go better: they end the whole listing. */
const ends: ReadonlySet<KubernetesErrorCode> = new Set([
  'UNREACHABLE',
  'UNAUTHORIZED',
  'CREDENTIAL_FAILED',
  'CONFIG_INVALID',
  'CONFIG_MISSING',
  'REQUEST_INVALID',
]);

/** Whether a failure is about one list alone. */
export function isOfOneList(error: unknown): error is KubernetesError {
  return isKubernetesError(error) && !ends.has(error.code);
}

/** What it means that a kind was not listed. @param namespace where; everywhere where it is absent */
export function gapOf(
  kind: ListedKind,
  error: KubernetesError,
  selection: Pick<Selection, 'hasKind'>,
  namespace?: string,
): Gap {
  const reason = error.code === 'FORBIDDEN' ? 'forbidden' : error.code === 'NOT_FOUND' ? 'absent' : 'failed';
  const [rule] = rulesOf([kind], ['list']);
  return {
    group: kind.group,
    resource: kind.resource,
    kind: kind.kind,
    ...(namespace === undefined ? {} : { namespace }),
    reason,
    // Pods say what runs of all workloads, whichever of them are wanted.
    loses: kind.use === 'pods' || (isOfWorkloads(kind) && selection.hasKind(kind)) ? 'workloads' : 'details',
    message: error.message,
    ...(reason === 'forbidden' && rule !== undefined ? { rule } : {}),
  };
}
