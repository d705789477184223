import type { Container } from './manifest.ts';
import { entryAt, type PlacedEntry } from './yaml/node.ts';

/** What a container has of its Pod where it says nothing itself (Kubernetes API, SecurityContext: "takes precedence"). */
const inherited: ReadonlySet<string> = new Set([
  'runAsUser',
  'runAsGroup',
  'runAsNonRoot',
  'seLinuxOptions',
  'seccompProfile',
  'appArmorProfile',
  'windowsOptions',
]);

/** A field of the security context that is in force for a container: its own, or the Pod's. */
export function contextEntry({ node, podSpec }: Container, field: string): PlacedEntry | undefined {
  const own = entryAt(node, 'securityContext', field);
  return own ?? (inherited.has(field) ? entryAt(podSpec, 'securityContext', field) : undefined);
}
