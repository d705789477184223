import { hash } from 'node:crypto';
import { apiVersionOf, type KubernetesObject, type ResourceType } from '../../../kubernetes/model.ts';
import type { FoundInImage, ReportTarget } from '../model.ts';
import { computeHash } from './compute-hash.ts';
import { isLabelValue } from './report-name.ts';

/** Who the fields of our reports belong to (Kubernetes, "Server-Side Apply"). */
export const fieldManager = 'seaworthy-operator';

/** The label by which reports are known as ours. */
export const ownLabel: { readonly name: string; readonly value: string } = {
  name: 'app.kubernetes.io/managed-by',
  value: fieldManager,
};

/** What reports say of themselves besides what trivy-operator's say. */
export const annotations = {
  /** Of what the report was made of, so that nothing is written that is there already. */
  fingerprint: 'operator.seaworthy.dev/fingerprint',
  /** The image that was looked at: `sha256:… linux/amd64`. */
  image: 'operator.seaworthy.dev/image',
  /** When it was last found to be so. */
  checked: 'operator.seaworthy.dev/checked',
  /** When the vulnerability database was built that was asked. */
  database: 'operator.seaworthy.dev/database',
  /** What was found, in short. */
  found: 'operator.seaworthy.dev/found',
  /** Entries that had no room. */
  leftOut: 'operator.seaworthy.dev/left-out',
  /** Why something may be missing. */
  incomplete: 'operator.seaworthy.dev/incomplete',
} as const;

/** Versions of the form of what is written: another one has all reports written anew. */
const form = 1;

/** Who made a report. */
export interface Scanner {
  /** Of this program. */
  readonly version: string;
}

/** What all reports say of their scanner. */
export function scannerField({ version }: Scanner): object {
  return { name: 'Seaworthy', vendor: 'Seaworthy', version };
}

/** Names a report by all that it is made of but for times. */
export function fingerprintOf(target: ReportTarget, content: string, { version }: Scanner): string {
  const { owner, container, reference, image, specHash } = target;
  return hash('sha256', JSON.stringify([form, version, owner, container, reference, image, specHash, content]));
}

/** Where the image of a container is from, as trivy-operator writes it: Docker Hub is `index.docker.io`. */
export function originFields({ reference, digest }: ReportTarget): {
  readonly registry: { readonly server: string };
  readonly artifact: object;
} {
  const { registry, repository, tag } = reference;
  return {
    registry: { server: registry === 'docker.io' ? 'index.docker.io' : registry },
    artifact: { repository, digest, ...(tag === undefined ? {} : { tag }) },
  };
}

/** What a report is besides its content. */
export interface ReportParts {
  readonly fingerprint: string;
  /** Milliseconds since 1970: when this was found. */
  readonly checkedAt: number;
  /** What was found, for reports about that. */
  readonly found?: FoundInImage;
  readonly leftOut: number;
  readonly incomplete?: string;
  readonly report: object;
}

/** A report as it is applied. */
export function reportObject(type: ResourceType, target: ReportTarget, parts: ReportParts): KubernetesObject {
  const { namespace, name, owner, container, image, specHash } = target;
  const { fingerprint, checkedAt, found, leftOut, incomplete, report } = parts;
  const isNamed = isLabelValue(owner.name);
  return {
    apiVersion: apiVersionOf(type),
    kind: type.kind,
    metadata: {
      name,
      namespace,
      labels: {
        [ownLabel.name]: ownLabel.value,
        'resource-spec-hash': specHash,
        'trivy-operator.container.name': container,
        'trivy-operator.resource.kind': owner.kind,
        ...(isNamed
          ? { 'trivy-operator.resource.name': owner.name }
          : { 'trivy-operator.resource.name-hash': computeHash(owner.name) }),
        'trivy-operator.resource.namespace': namespace,
      },
      annotations: {
        [annotations.fingerprint]: fingerprint,
        [annotations.image]: image,
        [annotations.checked]: new Date(checkedAt).toISOString(),
        ...(found === undefined
          ? {}
          : {
              [annotations.database]: new Date(found.builtAt).toISOString(),
              [annotations.found]: JSON.stringify({ revision: found.revision, counts: found.counts, os: found.os }),
            }),
        ...(leftOut === 0 ? {} : { [annotations.leftOut]: String(leftOut) }),
        ...(incomplete === undefined ? {} : { [annotations.incomplete]: incomplete }),
        ...(isNamed ? {} : { 'trivy-operator.resource.name': owner.name }),
      },
      // Whoever may not change an owner's finalizers may not hold its deletion up (OwnerReferencesPermissionEnforcement).
      ownerReferences: [{ ...owner, controller: true, blockOwnerDeletion: false }],
    },
    report,
  };
}
