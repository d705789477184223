import { isDeepStrictEqual } from 'node:util';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { isKubernetesError } from '../../kubernetes/error.ts';
import type { KubernetesObject, ResourceType } from '../../kubernetes/model.ts';
import { reportLimits as limits } from './limits.ts';
import type { ReportChange, ReportResult, ReportTarget } from './model.ts';
import { isOwnReport, reportOf, resultsOf } from './report-of.ts';
import type { ReportTypes } from './report-types.ts';

/** What became of a report. */
export type ReportOutcomeOfWrite = 'created' | 'replaced' | 'removed' | 'unchanged';

/** What reports are written with. */
export interface ReportDoor {
  readonly client: Pick<KubernetesClient, 'get' | 'create' | 'replace' | 'remove'>;
  readonly types: ReportTypes;
  /** Whether there is a policy of that id: what a report says of others goes. */
  readonly isPolicy: (policy: string) => boolean;
}

/**
 * Writes what changed of an object into its report: results of other policies stay, and what says the same is not written. What another
 * one wrote at the same time is read again, so that nothing of it is lost.
 *
 * @throws KubernetesError, or the signal's reason
 */
export async function writeReport(
  door: ReportDoor,
  change: ReportChange,
  signal?: AbortSignal,
): Promise<ReportOutcomeOfWrite> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await writeOnce(door, change, signal);
    } catch (error) {
      if (!isKubernetesError(error, 'CONFLICT', 'ALREADY_EXISTS') || tries >= limits.conflictTries) throw error;
    }
  }
}

async function writeOnce(
  { client, types, isPolicy }: ReportDoor,
  { target, results: changed }: ReportChange,
  signal: AbortSignal | undefined,
): Promise<ReportOutcomeOfWrite> {
  const type = target.namespace === '' ? types.cluster : types.namespaced;
  const asked = { ...(target.namespace === '' ? {} : { namespace: target.namespace }), signal };
  const { name, before } = await findReport(client, type, target, asked);
  const old = before === undefined ? [] : resultsOf(before);
  const kept = old.filter(({ policy }) => !changed.has(policy) && isPolicy(policy));
  const fresh = [...changed.values()].flat().filter(({ policy }) => isPolicy(policy));
  const results = [...kept, ...fresh.map((result) => withItsTime(result, old))];
  if (results.length === 0) {
    if (before === undefined) return 'unchanged';
    const { uid, resourceVersion } = before.metadata;
    const preconditions = {
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    };
    await client.remove(type, name, { ...asked, preconditions });
    return 'removed';
  }
  const report = reportOf(target, results, type, { name, before });
  if (before === undefined) {
    await client.create(type, report, { signal });
    return 'created';
  }
  if (isSameReport(report, before)) return 'unchanged';
  await client.replace(type, report, { signal });
  return 'replaced';
}

/**
 * Finds the report about an object, by the name that it has or is to have. Kyverno calls its reports by the same uid, and each would
 * write over the other's: where one stands there, the name is another.
 */
async function findReport(
  client: ReportDoor['client'],
  type: ResourceType,
  { uid }: ReportTarget,
  asked: { readonly namespace?: string; readonly signal: AbortSignal | undefined },
): Promise<{ readonly name: string; readonly before: KubernetesObject | undefined }> {
  const first = await client.get(type, uid, asked);
  if (first === undefined || isOwnReport(first)) return { name: uid, before: first };
  const name = `${uid}-seaworthy`;
  const second = await client.get(type, name, asked);
  return { name, before: second };
}

/** What was said before in the same words has been so since then. */
function withItsTime(result: ReportResult, old: readonly ReportResult[]): ReportResult {
  const before = old.find(({ policy, rule }) => policy === result.policy && rule === result.rule);
  return before !== undefined && isDeepStrictEqual({ ...before, timestamp: result.timestamp }, result)
    ? { ...result, timestamp: before.timestamp }
    : result;
}

function isSameReport(report: KubernetesObject, before: KubernetesObject): boolean {
  const { ownerReferences, labels } = report.metadata;
  return isDeepStrictEqual(
    [report['results'], report['scope'], report['summary'], ownerReferences, labels],
    [before['results'], before['scope'], before['summary'], before.metadata.ownerReferences, before.metadata.labels],
  );
}
