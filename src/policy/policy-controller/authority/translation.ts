import { printable } from '../../../base/printable.ts';
import type { ConfigPath, Finding } from '../../../codec/yaml/mistake.ts';
import type { PolicyControllerSettings } from '../settings.ts';
import type { TrustMaterial } from '../trust/trust-root.ts';

/** What a policy is read with, and where what is wrong with it is collected. */
export interface Translation {
  readonly settings: PolicyControllerSettings;
  /** Trust roots by their names; undefined for those that cannot be used, which was told. */
  readonly trustRoots: ReadonlyMap<string, TrustMaterial | undefined>;
  readonly findings: Finding[];
}

/** The trust root of a name; undefined where there is none, which is told. */
export function trustRootOf(name: string, path: ConfigPath, translation: Translation): TrustMaterial | undefined {
  const { trustRoots, findings } = translation;
  const found = trustRoots.get(name);
  if (found !== undefined) return found;
  const sentence = trustRoots.has(name)
    ? `names the TrustRoot "${printable(name)}", which cannot be used`
    : `names the TrustRoot "${printable(name)}", which is not there; put it beside the policies`;
  findings.push({ path, sentence });
  return undefined;
}
