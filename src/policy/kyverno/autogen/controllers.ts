import type { MatchBlock, ResourceDescription } from '../document/match/model.ts';
import type { KyvernoPolicy, KyvernoRule } from '../document/policy/model.ts';

/** Kinds that make pods of a template, by the names that policies give them, with their groups and versions. */
const controllers: Readonly<Record<string, string>> = {
  DaemonSet: 'apps/v1/DaemonSet',
  Deployment: 'apps/v1/Deployment',
  Job: 'batch/v1/Job',
  ReplicaSet: 'apps/v1/ReplicaSet',
  ReplicationController: 'v1/ReplicationController',
  StatefulSet: 'apps/v1/StatefulSet',
};
const cronJob = 'CronJob';

/** Kinds that rules of a policy about pods are extended to. */
export interface AutogenKinds {
  /** Those with a template at `spec.template`, as kind selectors. */
  readonly controllers: readonly string[];
  /** `batch/v1/CronJob`, or nothing. */
  readonly cronJobs: readonly string[];
}

const none: AutogenKinds = { controllers: [], cronJobs: [] };
const all: AutogenKinds = { controllers: Object.values(controllers).sort(), cronJobs: ['batch/v1/CronJob'] };

/** The annotation by which a policy says which kinds it is extended to. */
export const autogenAnnotation = 'pod-policies.kyverno.io/autogen-controllers';

/**
 * Which kinds the rules of a policy are extended to (Kyverno, "Auto-Gen Rules"): none where a rule goes by names, labels or annotations,
 * which those kinds do not share with their pods, is about pods and others together, or generates; what the annotation says otherwise.
 */
export function autogenKinds({ metadata, spec }: Pick<KyvernoPolicy, 'metadata' | 'spec'>): AutogenKinds {
  if (spec.rules.some(({ generate }) => generate !== undefined)) return none;
  const descriptions = spec.rules.flatMap(descriptionsOf);
  if (!descriptions.every(isExtensible)) return none;
  const isNeeded = descriptions.some(({ kinds = [] }) =>
    kinds.some((kind) => kind === 'Pod' || kind === cronJob || Object.hasOwn(controllers, kind)),
  );
  if (!isNeeded) return none;
  const said = metadata.annotations?.[autogenAnnotation];
  if (said === undefined || said === '') return all;
  const names = said.split(',').map((each) => each.trim());
  if (names.includes('all')) return all;
  return {
    controllers: names.flatMap((name) => (Object.hasOwn(controllers, name) ? [controllers[name] ?? ''] : [])).sort(),
    cronJobs: names.includes(cronJob) ? all.cronJobs : [],
  };
}

/** Names in the annotation that are of no such kind. */
export function unknownControllers({ metadata }: Pick<KyvernoPolicy, 'metadata'>): readonly string[] {
  const said = metadata.annotations?.[autogenAnnotation] ?? '';
  const names = said === '' ? [] : said.split(',').map((each) => each.trim());
  return names.filter((name) => !['all', 'none', cronJob].includes(name) && !Object.hasOwn(controllers, name));
}

function descriptionsOf({ match, exclude }: KyvernoRule): readonly ResourceDescription[] {
  return [match, exclude].flatMap((block) => (block === undefined ? [] : resourcesOf(block)));
}

function resourcesOf({ any = [], all: each = [], resources }: MatchBlock): readonly ResourceDescription[] {
  return [{ resources }, ...any, ...each].flatMap((filter) => filter.resources ?? []);
}

function isExtensible({ name = '', names = [], selector, annotations, kinds = [] }: ResourceDescription): boolean {
  if (name !== '' || names.length > 0 || selector !== undefined || annotations !== undefined) return false;
  return kinds.length <= 1 || !kinds.some(isPod);
}

/** Whether a selector of kinds is about pods, of any group and subresource, as Kyverno looks at it. */
export function isPod(text: string): boolean {
  const parts = text.replace('.', '/').split('/');
  return parts.includes('Pod');
}
