import type { Distro } from '../package/distro.ts';

/** Trivy's family names, where they differ from os-release's `ID`. */
const families: ReadonlyMap<string, string> = new Map([
  ['rhel', 'redhat'],
  ['almalinux', 'alma'],
  ['ol', 'oracle'],
  ['amzn', 'amazon'],
  ['mariner', 'cbl-mariner'],
  ['sle-micro', 'slem'],
  ['sl-micro', 'slem'],
  ['sle-micro-rancher', 'slem'],
]);

/** What Trivy calls a distribution: the `Family` of its reports and the `Type` of their `os-pkgs` results. */
export function osFamily({ id }: Distro): string {
  return families.get(id) ?? id;
}
