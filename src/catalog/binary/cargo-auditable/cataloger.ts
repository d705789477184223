import type { Package } from '../../../package/package.ts';
import type { CatalogFile, CatalogResult, Cataloger } from '../../cataloger.ts';
import { unusableEntries } from '../../document/problem.ts';
import { tryIdentity } from '../../document/text.ts';
import { parseAuditData } from './audit-data.ts';
import { auditLimits } from './limits.ts';

const id = 'rust-binary';

/**
 * Rust programs built with `cargo auditable`: the crates that the section `.dep-v0` lists. Crates that only took part
 * in the build are left out, as nothing of them runs.
 */
export const rustBinary: Cataloger = {
  id,
  version: 1,
  wants: [{ executable: true }],
  maxBytes: auditLimits.file,
  read,
};

function read(file: CatalogFile): CatalogResult {
  const section = file.executable()?.sections.find(({ name }) => name === '.dep-v0' || name === '__DATA,.dep-v0');
  if (section === undefined || section.bytes.length === 0) return { facts: [] };
  const crates = parseAuditData(section.bytes);
  const identities = crates.map((each) => (each.runtime ? tryIdentity(each.name, each.version) : undefined));
  const packages = new Map<string, Package>();
  for (const [index, { dependencies }] of crates.entries()) {
    const identity = identities[index];
    if (identity === undefined) continue;
    const needs = new Set<string>();
    for (const dependency of dependencies) {
      const name = identities[dependency]?.name;
      if (name !== undefined) needs.add(name);
    }
    packages.set(`${identity.name}@${identity.version}`, {
      type: 'cargo',
      ...identity,
      licenses: [],
      cataloger: id,
      ...(needs.size === 0 ? {} : { dependsOn: [...needs] }),
    });
  }
  const unusable = crates.filter((each, index) => each.runtime && identities[index] === undefined).length;
  return {
    facts: [...packages.values()].map((each) => ({ kind: 'package', package: each })),
    problems: unusableEntries(file.path, unusable),
  };
}
