import { member, members } from '../../document/json.ts';
import { lockId, type LockEntry } from '../entries.ts';
import type { PackageManifest } from '../package-json.ts';
import { countSteps } from '../steps.ts';

interface Scope {
  /** What lies in this `node_modules`, by name. */
  readonly names: ReadonlyMap<string, unknown>;
  readonly above: Scope | undefined;
}

/** Makes entries of `dependencies` (version 1): what lies in the outer `node_modules`, with what lies in those further in. */
export function entriesOfTree(dependencies: unknown, manifest: PackageManifest | undefined): LockEntry[] {
  const step = countSteps();
  const idIn = (from: Scope, name: string): string | undefined => {
    for (let scope: Scope | undefined = from; scope !== undefined; scope = scope.above) {
      step();
      const node = scope.names.get(name);
      if (node !== undefined) return identify(name, node);
    }
    return undefined;
  };
  const found: LockEntry[] = [];
  const top: Scope = { names: new Map(members(dependencies)), above: undefined };
  const scopes = [top];
  for (let scope = scopes.pop(); scope !== undefined; scope = scopes.pop()) {
    for (const [name, node] of scope.names) {
      const inner: Scope = { names: new Map(members(member(node, 'dependencies'))), above: scope };
      if (inner.names.size > 0) scopes.push(inner);
      const needs = members(member(node, 'requires')).map(([required]) => idIn(inner, required));
      const isAsked = manifest && scope === top && (manifest.production.has(name) || manifest.development.has(name));
      found.push({
        ...splitAlias(name, member(node, 'version')),
        direct: isAsked,
        development: member(node, 'dev') === true,
        dependsOn: needs.filter((id) => id !== undefined),
      });
    }
  }
  return found;
}

function identify(key: string, node: unknown): string | undefined {
  const { name, version } = splitAlias(key, member(node, 'version'));
  return typeof version === 'string' ? lockId(name, version) : undefined;
}

/** `npm:real@1.2.3` is how an alias is written. */
function splitAlias(name: string, version: unknown): { readonly name: string; readonly version: unknown } {
  const match = typeof version === 'string' ? /^npm:(@?[^@]+)@(.+)$/.exec(version) : null;
  return match === null ? { name, version } : { name: match[1] as string, version: match[2] };
}
