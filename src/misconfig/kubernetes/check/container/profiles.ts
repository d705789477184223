import type { Check } from '../../../check.ts';
import { describe, ofContainers } from '../../define.ts';
import type { Container, Manifest } from '../../manifest.ts';
import { contextEntry } from '../../security-context.ts';
import { entryAt, type PlacedEntry, scalarAt, textAt } from '../../yaml/node.ts';

/** How profiles of seccomp were set before Kubernetes 1.19, for a Pod and for one container. */
const seccompOfPod = 'seccomp.security.alpha.kubernetes.io/pod';
const seccompOfContainer = 'container.seccomp.security.alpha.kubernetes.io/';
/** How profiles of AppArmor were set before Kubernetes 1.30. */
const appArmorOfContainer = 'container.apparmor.security.beta.kubernetes.io/';

/** KSV-0002: another profile of AppArmor than the runtime's. */
export const appArmor: Check<Manifest> = ofContainers(
  describe('KSV-0002', 'LOW', {
    name: 'use-default-apparmor-profile',
    title: 'Another AppArmor profile than the default of the runtime',
    description: "The runtime's profile of AppArmor keeps a container from much of its node; other profiles may not.",
    resolution: 'Set the annotation to runtime/default, or appArmorProfile.type to RuntimeDefault.',
  }),
  (container, manifest) => {
    const annotation = annotationOf(container, manifest, appArmorOfContainer);
    if (annotation !== undefined && scalarAt(annotation.value) !== 'runtime/default') {
      return {
        message: `Container ${container.name} has another AppArmor profile than runtime/default`,
        lines: annotation.lines,
      };
    }
    const field = contextEntry(container, 'appArmorProfile');
    if (textAt(field?.value, 'type') !== 'Unconfined') return undefined;
    return {
      message: `Container ${container.name} has no AppArmor profile: set its type to RuntimeDefault`,
      lines: field?.lines,
    };
  },
);

/** KSV-0030: all system calls, unless the node was set up with care. */
export const seccompUnset: Check<Manifest> = ofContainers(
  describe('KSV-0030', 'LOW', {
    name: 'use-default-seccomp',
    title: 'No seccomp profile',
    description: 'Without a profile, a container may make every system call, and flaws of the kernel are within reach.',
    resolution: 'Set securityContext.seccompProfile.type to RuntimeDefault for the Pod or for each container.',
  }),
  (container, manifest) => {
    const field = contextEntry(container, 'seccompProfile');
    if (field === undefined) {
      const old = oldSeccomp(container, manifest);
      const value = scalarAt(old?.value);
      if (value === 'runtime/default' || value === 'docker/default') return undefined;
      if (typeof value === 'string' && value.startsWith('localhost/')) return undefined;
      return {
        message: `Container ${container.name} has no seccomp profile: set seccompProfile.type to RuntimeDefault`,
        lines: old?.lines,
      };
    }
    const type = scalarAt(field.value, 'type');
    if (type === 'RuntimeDefault' || type === 'Localhost') return undefined;
    return {
      message: `Container ${container.name} sets a seccomp profile that is neither RuntimeDefault nor Localhost`,
      lines: field.lines,
    };
  },
);

/** KSV-0104: no seccomp, and on purpose. */
export const seccompUnconfined: Check<Manifest> = ofContainers(
  describe('KSV-0104', 'MEDIUM', {
    name: 'no-seccomp-unconfined',
    title: 'Seccomp is turned off',
    description: 'The container may make every system call, whatever the node does by default.',
    resolution: 'Set securityContext.seccompProfile.type to RuntimeDefault, or Localhost with a profile of your own.',
  }),
  (container, manifest) => {
    const field = contextEntry(container, 'seccompProfile');
    const entry = field ?? oldSeccomp(container, manifest);
    const value = field === undefined ? scalarAt(entry?.value) : scalarAt(field.value, 'type');
    if (String(value).toLowerCase() !== 'unconfined') return undefined;
    return {
      message: `Container ${container.name} turns seccomp off: set the profile to RuntimeDefault`,
      lines: entry?.lines,
    };
  },
);

function oldSeccomp(container: Container, manifest: Manifest): PlacedEntry | undefined {
  const own = annotationOf(container, manifest, seccompOfContainer);
  return own ?? entryAt(manifest.pod?.metadata, 'annotations', seccompOfPod);
}

function annotationOf({ node }: Container, { pod }: Manifest, prefix: string): PlacedEntry | undefined {
  const name = textAt(node, 'name');
  return name === undefined ? undefined : entryAt(pod?.metadata, 'annotations', `${prefix}${name}`);
}
