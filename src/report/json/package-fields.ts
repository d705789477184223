import { createHash } from 'node:crypto';
import { osPackageTypes, type InventoryPackage, type PackageType } from '../../package/package.ts';
import { packagePath } from '../group-targets.ts';
import { omitEmpty } from './go-json.ts';

/** Trivy's `PkgIdentifier`. */
export interface PackageIdentifier {
  readonly PURL: string;
  readonly UID: string;
}

/** Trivy's `Layer`. */
export interface LayerFields {
  readonly Digest?: string;
  readonly DiffID?: string;
}

/** Trivy's package id: rpm adds the architecture and leaves the epoch out, as `rpm -q` names packages. */
export function packageId({ type, name, version, arch }: InventoryPackage): string {
  if (type !== 'rpm') return `${name}@${version}`;
  const bare = version.replace(/^\d+:/, '');
  return arch === undefined ? `${name}@${bare}` : `${name}@${bare}.${arch}`;
}

/** The purl, and a number that tells apart packages of one purl in several places. */
export function packageIdentifier(pkg: InventoryPackage): PackageIdentifier {
  const hash = createHash('sha256').update(`${pkg.purl}\0${pkg.locations[0]?.path ?? ''}\0${pkg.innerPath ?? ''}`);
  return { PURL: pkg.purl, UID: hash.digest('hex').slice(0, 16) };
}

/** The layer that brought a package; an empty object where there are no layers. */
export function packageLayer({ locations: [location] }: InventoryPackage): LayerFields {
  return omitEmpty({ Digest: location?.layer?.digest, DiffID: location?.layer?.diffId }) as LayerFields;
}

/** An entry of `Packages`. */
export function packageFields(
  pkg: InventoryPackage,
  dependsOn: readonly string[],
  contains: readonly InventoryPackage[],
): Readonly<Record<string, unknown>> {
  const own = splitVersion(pkg.type, pkg.version);
  const source = sourceOf(pkg);
  const built = source === undefined ? undefined : splitVersion(pkg.type, source.version);
  return {
    ID: packageId(pkg),
    Name: pkg.name,
    Identifier: packageIdentifier(pkg),
    ...omitEmpty({
      Version: own.version,
      Release: own.release,
      Epoch: own.epoch,
      Arch: pkg.arch,
      SrcName: source?.name,
      SrcVersion: built?.version,
      SrcRelease: built?.release,
      SrcEpoch: built?.epoch,
      Licenses: pkg.licenses,
      Maintainer: pkg.maintainer,
      Modularitylabel: pkg.modularityLabel,
      Relationship: pkg.main === true ? 'root' : pkg.relationship,
      DependsOn: dependsOn,
    }),
    Layer: packageLayer(pkg),
    ...omitEmpty({
      FilePath: osPackageTypes.has(pkg.type) ? undefined : packagePath(pkg),
      Digest: pkg.digest,
      Locations: pkg.lines === undefined ? [] : [{ StartLine: pkg.lines.start, EndLine: pkg.lines.end }],
      Seaworthy: omitEmpty({
        Contains: contains.map((each) => ({ PURL: each.purl, FilePath: packagePath(each) })),
      }),
    }),
  };
}

/** A package of apk or dpkg that names no source is built from one of its own name, and Trivy writes that out. */
function sourceOf({ type, name, version, source }: InventoryPackage): InventoryPackage['source'] {
  return source ?? (type === 'apk' || type === 'deb' ? { name, version } : undefined);
}

/** Trivy splits the versions of deb and rpm packages; those of others stay whole. */
function splitVersion(
  type: PackageType,
  text: string,
): { readonly version: string; readonly release?: string; readonly epoch?: number } {
  if (type !== 'deb' && type !== 'rpm') return { version: text };
  const epoch = /^(\d{1,9}):/.exec(text);
  const rest = epoch === null ? text : text.slice(epoch[0].length);
  const dash = rest.lastIndexOf('-');
  return {
    version: dash < 0 ? rest : rest.slice(0, dash),
    ...(dash < 0 ? {} : { release: rest.slice(dash + 1) }),
    ...(epoch === null ? {} : { epoch: Number(epoch[1]) }),
  };
}
