import { createHash } from 'node:crypto';
import { compareText } from '../../base/compare-text.ts';
import type { JudgedPackage } from '../../match/judge-packages.ts';
import { judgedPackages } from '../../match/match-inventory.ts';
import type { Distro } from '../../package/distro.ts';
import type { Inventory } from '../../package/inventory.ts';

/** A distinct package of some images: all that decides which flaws it has, and what it is called. */
export interface PackageRecord {
  readonly distro?: Omit<Distro, 'prettyName'>;
  readonly package: JudgedPackage;
  readonly purl: string;
}

/** A record as it is kept: equal ones have the same key, in whatever image they lie. */
export interface KeyedRecord {
  readonly key: string;
  readonly text: string;
  readonly record: PackageRecord;
}

/** The distinct packages of an inventory, sorted by name, version and purl. */
export function recordsOf(inventory: Inventory): readonly KeyedRecord[] {
  const records = new Map<string, KeyedRecord>();
  const distro = inventory.distro === undefined ? undefined : plainDistro(inventory.distro);
  for (const { pkg, isCovered } of judgedPackages(inventory)) {
    const { type, name, version, arch, source, maintainer, modularityLabel, main, purl } = pkg;
    const judged: JudgedPackage = {
      type,
      name,
      version,
      ...(arch === undefined ? {} : { arch }),
      ...(source === undefined ? {} : { source: { name: source.name, version: source.version } }),
      ...(maintainer === undefined ? {} : { maintainer }),
      ...(modularityLabel === undefined ? {} : { modularityLabel }),
      ...(main === undefined ? {} : { main }),
      ...(isCovered ? { isCovered } : {}),
    };
    const record: PackageRecord = { ...(distro === undefined ? {} : { distro }), package: judged, purl };
    const text = JSON.stringify(record);
    const key = createHash('sha256').update(text).digest('base64url');
    records.set(key, { key, text, record });
  }
  return [...records.values()].sort(compareRecords);
}

/** The distribution as a person names it: `debian 12`; empty for none. */
export function distroLabel(distro: PackageRecord['distro']): string {
  return distro === undefined ? '' : `${distro.id} ${distro.version}`.trim();
}

function plainDistro({
  id,
  version,
  codename,
  idLike,
  repositories,
  esm,
}: Distro): NonNullable<PackageRecord['distro']> {
  return {
    id,
    version,
    ...(codename === undefined ? {} : { codename }),
    idLike,
    ...(repositories === undefined ? {} : { repositories }),
    ...(esm === undefined ? {} : { esm }),
  };
}

function compareRecords(a: KeyedRecord, b: KeyedRecord): number {
  return (
    compareText(a.record.package.name, b.record.package.name) ||
    compareText(a.record.package.version, b.record.package.version) ||
    compareText(a.record.purl, b.record.purl) ||
    compareText(a.key, b.key)
  );
}
