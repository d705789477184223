import type { ScanReport } from '../../finding/scan-report.ts';
import type { VexBomProduct, VexProduct, VexPurlProduct } from '../../finding/vex.ts';
import type { InventoryPackage } from '../../package/package.ts';
import type { PackageUrl } from '../../package/package-url.ts';
import { purlOrNone } from './document.ts';
import { imageNamesOf, purlSpeaksOfImage } from './image-names.ts';
import { purlSpeaksOf, purlTargetOf, type PurlTarget } from './purl-speaks-of.ts';

/** What was scanned, as the products of statements are held against it. */
export interface ScannedTarget {
  /** True when what is said of a product is said of a package of the target. */
  isAbout(product: VexProduct, pkg: InventoryPackage): boolean;
}

/**
 * Makes the target of a report. A product is the whole target (an image, or the subject of a bill of materials), a package, or a package in whose
 * file another one lies: the program that a Go module was built into, the archive that a jar is in.
 */
export function scannedTarget({ artifact, inventory }: Pick<ScanReport, 'artifact' | 'inventory'>): ScannedTarget {
  const image = imageNamesOf(artifact);
  const { subject, bom } = artifact.document ?? {};
  const whole = purlOrNone(subject?.purl ?? '');
  const packages = new Map<string, PurlTarget | undefined>();
  const purlCounts = new Map<string, number>();
  for (const purl of bom?.purls.values() ?? []) purlCounts.set(purl, (purlCounts.get(purl) ?? 0) + 1);
  const holders = new Map<InventoryPackage, readonly InventoryPackage[]>();
  let byPath: Map<string, InventoryPackage[]> | undefined;

  const targetOf = (pkg: InventoryPackage): PurlTarget | undefined => {
    if (!packages.has(pkg.purl)) packages.set(pkg.purl, purlTargetOf(pkg, inventory.distro?.codename));
    return packages.get(pkg.purl);
  };
  const speaksOf = (purls: readonly PackageUrl[], target: PurlTarget | undefined): boolean =>
    target !== undefined && purls.some((purl) => purlSpeaksOf(purl, target));
  const isWhole = (purl: PackageUrl): boolean =>
    (image !== undefined && purlSpeaksOfImage(purl, image)) ||
    (whole !== undefined && whole.type !== 'oci' && purlSpeaksOf(purl, { purl: whole }));

  /** Packages in whose files all of a package lies. */
  const holdersOf = (pkg: InventoryPackage): readonly InventoryPackage[] => {
    const known = holders.get(pkg);
    if (known !== undefined) return known;
    byPath ??= holdersByPath(inventory.packages);
    const [first, ...others] = pkg.locations.map(({ path }) => holdersAt(path, pkg, byPath ?? new Map()));
    const found = [...(first ?? [])].filter((holder) => others.every((set) => set.has(holder)));
    holders.set(pkg, found);
    return found;
  };

  const isAboutPurls = ({ purls, subcomponents }: VexPurlProduct, pkg: InventoryPackage): boolean => {
    const own = targetOf(pkg);
    if (subcomponents !== undefined && !speaksOf(subcomponents, own)) return false;
    if (speaksOf(purls, own) || purls.some(isWhole)) return true;
    // Most statements are about other products, and images have many packages.
    return (
      purls.some(({ type }) => type !== 'oci') && holdersOf(pkg).some((holder) => speaksOf(purls, targetOf(holder)))
    );
  };
  const isAboutBom = ({ bom: { serial, version }, ref }: VexBomProduct, pkg: InventoryPackage): boolean => {
    if (bom === undefined || bom.serial !== serial || bom.version !== version) return false;
    if (ref === undefined) return true;
    // A producer may name a part by its package URL. Where several parts have the same, nobody can tell which is meant.
    const purl = bom.purls.get(ref) ?? ref;
    return purl === pkg.purl && purlCounts.get(purl) === 1;
  };
  return {
    isAbout: (product, pkg) => (product.kind === 'purl' ? isAboutPurls(product, pkg) : isAboutBom(product, pkg)),
  };
}

/** Those that may hold others, by the file that they are or were read from. */
function holdersByPath(packages: readonly InventoryPackage[]): Map<string, InventoryPackage[]> {
  const found = new Map<string, InventoryPackage[]>();
  for (const pkg of packages) {
    if (pkg.main !== true && pkg.type !== 'maven') continue;
    for (const { path } of pkg.locations) {
      const known = found.get(path);
      if (known === undefined) found.set(path, [pkg]);
      else known.push(pkg);
    }
  }
  return found;
}

function holdersAt(
  path: string,
  pkg: InventoryPackage,
  byPath: ReadonlyMap<string, readonly InventoryPackage[]>,
): Set<InventoryPackage> {
  const found = new Set<InventoryPackage>();
  for (const holder of byPath.get(path) ?? []) if (holder !== pkg && holder.main === true) found.add(holder);
  for (let end = path.lastIndexOf('!/'); end > 0; end = path.lastIndexOf('!/', end - 1)) {
    for (const holder of byPath.get(path.slice(0, end)) ?? []) found.add(holder);
  }
  return found;
}
