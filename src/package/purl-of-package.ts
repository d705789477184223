import type { Distro } from './distro.ts';
import { distroOfPurl } from './distro-of-purl.ts';
import { formatPackageUrl, parsePackageUrl, type PackageUrl } from './package-url.ts';
import { osPackageTypes, type Package, type PackageType, type SourcePackage } from './package.ts';

/** The fields of a {@link Package} that its purl speaks of. */
export type PurlFields = Pick<
  Package,
  'type' | 'name' | 'version' | 'arch' | 'source' | 'modularityLabel' | 'qualifiers'
>;

/** A record, so that the compiler asks for every type. */
const packageTypes: Readonly<Record<PackageType, true>> = {
  apk: true,
  bitnami: true,
  cargo: true,
  composer: true,
  deb: true,
  gem: true,
  generic: true,
  golang: true,
  maven: true,
  npm: true,
  nuget: true,
  opkg: true,
  pypi: true,
  rpm: true,
};

/** Qualifiers that become fields of their own, or that only make sense in the document they stand in. */
const consumedQualifiers: ReadonlySet<string> = new Set([
  'arch',
  'cpes',
  'distro',
  'epoch',
  'modularitylabel',
  'module',
  'package-id',
  'rpmmod',
  'upstream',
]);

/** Where os-release names nothing, its manual asks for `linux` ("os-release(5)", `ID=`). */
const unknownDistro = 'linux';

/**
 * The canonical purl of a package.
 *
 * OS packages carry what scanners agreed on: the distribution as namespace, `arch`, `distro=ID-VERSION_ID`, `epoch`
 * (rpm), `upstream=name[@version]` when the source package differs, `modularitylabel` (rpm). Never throws: what cannot
 * be written stays out.
 */
export function purlOfPackage(pkg: Package, distro: Distro | undefined): string {
  const { namespace, name } = purlNames(pkg, distro);
  const epoch = pkg.type === 'rpm' ? /^(\d+):/.exec(pkg.version) : null;
  return formatPackageUrl({
    type: pkg.type,
    namespace,
    name: name === '' ? 'unnamed' : name,
    version: epoch === null ? pkg.version : pkg.version.slice(epoch[0].length),
    qualifiers: {
      ...writableQualifiers(pkg.qualifiers),
      arch: pkg.arch,
      distro: distroQualifier(pkg, distro),
      epoch: epoch === null || /^0+$/.test(epoch[1] as string) ? undefined : epoch[1],
      modularitylabel: pkg.modularityLabel,
      upstream: upstreamQualifier(pkg),
    },
  });
}

/** True for the kinds of package that catalogers find. */
export function isPackageType(text: string): text is PackageType {
  return Object.hasOwn(packageTypes, text);
}

/**
 * What a purl says of a package and of its distribution, in any of the ways that Syft, Trivy and Snyk write it;
 * undefined for types that no cataloger finds.
 *
 * @throws PackageUrlError when the text is no purl
 */
export function packageOfPurl(purl: string): { readonly package: PurlFields; readonly distro?: Distro } | undefined {
  const url = parsePackageUrl(purl);
  const { type } = url;
  if (!isPackageType(type)) return undefined;
  const version = versionOf(url);
  const source = sourceOf(url, version);
  const distro = distroOfPurl(url);
  const arch = url.qualifiers['arch'];
  const modularityLabel = url.qualifiers['modularitylabel'] ?? url.qualifiers['rpmmod'] ?? url.qualifiers['module'];
  const rest = Object.entries(url.qualifiers).filter(([key]) => !consumedQualifiers.has(key));
  return {
    package: {
      type,
      name: nameOf(url, type),
      version,
      ...(arch === undefined ? {} : { arch }),
      ...(source === undefined ? {} : { source }),
      ...(type === 'rpm' && modularityLabel !== undefined ? { modularityLabel } : {}),
      ...(rest.length === 0 ? {} : { qualifiers: Object.fromEntries(rest) }),
    },
    ...(distro === undefined ? {} : { distro }),
  };
}

function purlNames(pkg: Package, distro: Distro | undefined): { readonly namespace?: string; readonly name: string } {
  switch (pkg.type) {
    case 'apk':
    case 'deb':
    case 'rpm':
      return { namespace: distroNamespace(pkg.type, distro), name: pkg.name };
    case 'golang':
      return splitName(pkg.name, pkg.name.lastIndexOf('/'));
    case 'npm':
      return pkg.name.startsWith('@') ? splitName(pkg.name, pkg.name.indexOf('/')) : { name: pkg.name };
    case 'maven':
      return withNamespace(splitName(pkg.name, pkg.name.indexOf(':')));
    case 'composer':
      return withNamespace(splitName(pkg.name, pkg.name.indexOf('/')));
    default:
      return { name: pkg.name };
  }
}

function splitName(name: string, at: number): { readonly namespace?: string; readonly name: string } {
  if (at <= 0 || at === name.length - 1) return { name };
  return { namespace: name.slice(0, at), name: name.slice(at + 1) };
}

/** A jar that tells no group: its own name stands in, as in Syft's purls, since the type needs a namespace. */
function withNamespace(names: { readonly namespace?: string; readonly name: string }): {
  readonly namespace: string;
  readonly name: string;
} {
  for (const candidate of [names.namespace ?? '', names.name]) {
    if (/[^/]/.test(candidate)) return { namespace: candidate, name: names.name };
  }
  return { namespace: 'unknown', name: names.name };
}

function distroNamespace(type: PackageType, distro: Distro | undefined): string {
  const id = distro?.id ?? '';
  if (type === 'rpm' && id === 'rhel') return 'redhat';
  return /[^/]/.test(id) ? id : unknownDistro;
}

function distroQualifier(pkg: Package, distro: Distro | undefined): string | undefined {
  if (distro === undefined || distro.id === '') return undefined;
  if (!osPackageTypes.has(pkg.type) && pkg.type !== 'bitnami') return undefined;
  return distro.version === '' ? distro.id : `${distro.id}-${distro.version}`;
}

function upstreamQualifier({ type, name, version, source }: Package): string | undefined {
  if (source === undefined || !osPackageTypes.has(type)) return undefined;
  if (source.version !== version) return source.version === '' ? source.name : `${source.name}@${source.version}`;
  return source.name === name ? undefined : source.name;
}

function writableQualifiers(given: Package['qualifiers']): Record<string, string> {
  return Object.fromEntries(Object.entries(given ?? {}).filter(([key]) => /^[a-z][a-z0-9._-]*$/.test(key)));
}

function nameOf({ namespace, name }: PackageUrl, type: PackageType): string {
  if (namespace === undefined || osPackageTypes.has(type)) return name;
  return type === 'maven' ? `${namespace}:${name}` : `${namespace}/${name}`;
}

/** Trivy moves the epoch of deb packages into a qualifier, Snyk writes that of rpm in both places. */
function versionOf({ type, version = '', qualifiers }: PackageUrl): string {
  const epoch = qualifiers['epoch'] ?? '';
  if ((type !== 'deb' && type !== 'rpm') || !/^\d+$/.test(epoch) || /^0+$/.test(epoch)) return version;
  return /^\d+:/.test(version) ? version : `${epoch}:${version}`;
}

function sourceOf({ type, qualifiers }: PackageUrl, version: string): SourcePackage | undefined {
  const upstream = qualifiers['upstream'];
  if (upstream === undefined || !osPackageTypes.has(type as PackageType)) return undefined;
  // Syft names the source rpm's file: name-version-release.src.rpm.
  const file = /^(.+)-([^-]+-[^-]+)\.(?:no)?src\.rpm$/.exec(upstream);
  if (type === 'rpm' && file !== null) {
    const epoch = /^\d+:/.exec(version)?.[0] ?? '';
    return { name: file[1] as string, version: epoch + (file[2] as string) };
  }
  const at = upstream.lastIndexOf('@');
  return at > 0 ? { name: upstream.slice(0, at), version: upstream.slice(at + 1) } : { name: upstream, version };
}
