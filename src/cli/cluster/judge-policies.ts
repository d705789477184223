import { AdmissionError } from '../../admission/error.ts';
import { runningSubject } from '../../admission/background/running-subject.ts';
import { scannedTypes } from '../../admission/background/scanned-types.ts';
import { backgroundLimits as limits } from '../../admission/background/limits.ts';
import { judgeResource, type ResourceJudgeParts } from '../../admission/resource/judge-resource.ts';
import { mapBounded } from '../../base/concurrency.ts';
import { controllerOf } from '../../cluster/inventory/object-facts.ts';
import type { ClusterInventory, ObjectName } from '../../cluster/model.ts';
import type { PolicyBreach, PolicyLook } from '../../cluster/report/model.ts';
import type { Selection } from '../../cluster/selection.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { isKubernetesError } from '../../kubernetes/error.ts';
import type { KubernetesObject, ResourceType } from '../../kubernetes/model.ts';
import type { ResourcePolicy } from '../../policy/resource/policy.ts';

/** What runs, and by what it is judged. */
export interface PolicyAudit {
  readonly client: Pick<KubernetesClient, 'list'>;
  readonly parts: ResourceJudgeParts;
  readonly policies: readonly ResourcePolicy[];
  readonly selection: Selection;
  readonly inventory: Pick<ClusterInventory, 'workloads'>;
  readonly signal: AbortSignal;
}

/** A breach of an object, before it is known whose object it is. */
type Broken = Omit<PolicyBreach, keyof ObjectName | 'namespace'> & { readonly at: Place };

interface Place extends ObjectName {
  readonly namespace: string;
}

/** Controllers of controllers that are followed. */
const owners = 8;

/**
 * Judges what runs as the admission webhook's background look does: each object whole, with images of Pods by the digests that run. What a
 * rule says of a Pod is told of the workload that it belongs to, and once for all Pods.
 *
 * @returns what would be denied, by namespace, name and rule; when the signal is aborted, what is known by then
 * @throws KubernetesError where the cluster cannot be asked
 */
export async function judgePolicies(audit: PolicyAudit): Promise<PolicyLook> {
  const { policies, selection, signal } = audit;
  const judging = policies.filter(({ background }) => background);
  const gaps = policies.flatMap((policy) => (policy.background ? [] : [whyNotAsked(policy)]));
  const links = new Map<string, Place>();
  const broken: Broken[] = [];
  let looked = 0;
  const judge = async (object: KubernetesObject, type: ResourceType): Promise<void> => {
    const subject = runningSubject(object, type);
    const { group, kind, name, namespace } = subject;
    if (!selection.hasNamespace(namespace)) return;
    const at: Place = { group, kind, name, namespace };
    const controller = controllerOf(object);
    if (controller !== undefined) links.set(keyOf(at), { ...controller, namespace });
    // What a controller made is judged by the controller and by its Pods.
    if (controller !== undefined && (kind === 'ReplicaSet' || kind === 'Job')) return;
    try {
      const inTime = AbortSignal.any([signal, AbortSignal.timeout(limits.judgeTime)]);
      const question = { policies: judging, subject, gate: 'audit', pins: false } as const;
      const { results } = await judgeResource(audit.parts, question, inTime);
      signal.throwIfAborted();
      looked += 1;
      for (const { policy, rule, outcome, denies, message } of results) {
        if (!denies || (outcome !== 'failed' && outcome !== 'undecided')) continue;
        broken.push({ policy, rule, outcome: outcome === 'failed' ? 'denied' : 'undecided', reason: message, at });
      }
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof AdmissionError)) throw error;
      gaps.push(`${kind} ${namespace}/${name}: ${error.message}`);
    }
  };
  for (const type of judging.length === 0 ? [] : scannedTypes) {
    try {
      for (const namespace of selection.named ?? [undefined]) {
        for await (const { objects } of audit.client.list(type, { pageSize: limits.pageSize, namespace, signal })) {
          await mapBounded(objects, limits.width, (object) => judge(object, type));
        }
      }
    } catch (error) {
      if (signal.aborted) {
        gaps.push('the time was over');
        break;
      }
      if (!isKubernetesError(error, 'FORBIDDEN', 'NOT_FOUND')) throw error;
      gaps.push(`${type.kind}: ${error.message}`);
    }
  }
  return { looked, breaches: breachesOf(broken, links, audit.inventory), gaps: gaps.sort() };
}

/** Each dialect says it in words of its own. */
function whyNotAsked({ id, dialect }: ResourcePolicy): string {
  return dialect === 'seaworthy'
    ? `the policy ${id} is not about what runs (its gates are others than audit)`
    : `the policy ${id} is about requests alone (background: false)`;
}

/** Of the workloads that were listed, each rule once. */
function breachesOf(
  broken: readonly Broken[],
  links: ReadonlyMap<string, Place>,
  { workloads }: Pick<ClusterInventory, 'workloads'>,
): readonly PolicyBreach[] {
  const known = new Set(workloads.map(keyOf));
  const found = new Map<string, PolicyBreach>();
  for (const { at, ...breach } of broken) {
    let top = at;
    // As the inventory has it: what an operator controls stays itself where it is a workload.
    for (let step = 0; step < owners && !known.has(keyOf(top)); step += 1) top = links.get(keyOf(top)) ?? top;
    if (!known.has(keyOf(top))) continue;
    const { group, kind, namespace, name } = top;
    const key = `${namespace}\0${name}\0${kind}\0${group}\0${breach.policy}\0${breach.rule}\0${breach.outcome}`;
    if (!found.has(key)) found.set(key, { group, kind, namespace, name, ...breach });
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, breach]) => breach);
}

function keyOf({ group, kind, namespace, name }: Place): string {
  return JSON.stringify([namespace, group, kind, name]);
}
