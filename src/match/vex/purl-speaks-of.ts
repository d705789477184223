import { parsePackageUrl, type PackageUrl } from '../../package/package-url.ts';
import { PackageUrlError } from '../../package/package-url-error.ts';
import { osPackageTypes, type InventoryPackage, type PackageType } from '../../package/package.ts';

/** What a statement's package URLs are held against. */
export interface PurlTarget {
  readonly purl: PackageUrl;
  /** What it was built from, which statements name with `arch=source` (deb) or `arch=src` (rpm). */
  readonly source?: PackageUrl;
  /** The release's name: `bookworm`. */
  readonly codename?: string;
}

/** The target of a package; undefined where its own package URL cannot be read, which no statement speaks of. */
export function purlTargetOf(
  { purl: text, type, source }: Pick<InventoryPackage, 'purl' | 'type' | 'source'>,
  codename?: string,
): PurlTarget | undefined {
  let purl: PackageUrl;
  try {
    purl = parsePackageUrl(text);
  } catch (error) {
    if (error instanceof PackageUrlError) return undefined;
    throw error;
  }
  return {
    purl: comparable(purl),
    ...(osPackageTypes.has(type) ? { source: sourcePurl(purl, type, source) } : {}),
    ...(codename === undefined ? {} : { codename }),
  };
}

/**
 * True when the package URL of a statement speaks of a package: type, namespace and name are equal, and version, subpath and qualifiers agree
 * where the statement has them (openvex/spec, "Product"; as Trivy holds them, pkg/purl/purl.go). An epoch counts wherever it is written, a
 * release of a distribution covers what is after its dot (`debian-12` also `debian-12.5`), and its codename stands for it.
 */
export function purlSpeaksOf(stated: PackageUrl, { purl, source, codename }: PurlTarget): boolean {
  // A document may name hundreds of thousands of products, of which nearly all are others.
  if (stated.type !== purl.type || (stated.name !== purl.name && stated.name !== source?.name)) return false;
  const rule = comparable(stated);
  const isSource = source !== undefined && (rule.qualifiers['arch'] === 'source' || rule.qualifiers['arch'] === 'src');
  const target = isSource ? source : purl;
  if (rule.name !== target.name || (rule.namespace ?? '') !== (target.namespace ?? '')) return false;
  if (rule.version !== undefined && rule.version !== target.version) return false;
  if (rule.subpath !== undefined && rule.subpath !== target.subpath) return false;
  return Object.entries(rule.qualifiers).every(([key, value]) => {
    if (key === 'arch' && isSource) return true;
    const own = Object.hasOwn(target.qualifiers, key) ? target.qualifiers[key] : undefined;
    if (own === value) return true;
    return key === 'distro' && (value === codename || own?.startsWith(`${value}.`) === true);
  });
}

/** In one spelling: the epoch in the version, and Go's versions without their letter. */
function comparable(purl: PackageUrl): PackageUrl {
  const { type, version } = purl;
  if (version === undefined) return purl;
  if (type === 'golang') return { ...purl, version: version.replace(/^v(?=\d)/, '') };
  if (type !== 'deb' && type !== 'rpm') return purl;
  const { epoch = '', ...qualifiers } = purl.qualifiers;
  const whole = /^\d+:/.test(version) || !/^\d+$/.test(epoch) ? version : `${epoch}:${version}`;
  return { ...purl, version: whole.replace(/^0+:/, ''), qualifiers };
}

function sourcePurl(purl: PackageUrl, type: PackageType, source: InventoryPackage['source']): PackageUrl {
  if (source === undefined) return comparable(purl);
  // The version of a source package is written with its epoch, whatever the binary's has.
  const { epoch: _, ...qualifiers } = purl.qualifiers;
  const name = type === 'rpm' ? source.name : source.name.toLowerCase();
  return comparable({
    ...purl,
    name,
    version: source.version === '' ? (purl.version ?? '') : source.version,
    qualifiers,
  });
}
