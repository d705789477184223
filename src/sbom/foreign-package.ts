import { isDigest } from '../oci/digest.ts';
import type { Distro } from '../package/distro.ts';
import type { Location } from '../package/location.ts';
import { formatPackageUrl, parsePackageUrl } from '../package/package-url.ts';
import { osPackageTypes, type InventoryPackage, type SourcePackage } from '../package/package.ts';
import type { PurlFields } from '../package/purl-of-package.ts';
import type { ImportedComponent, ImportedPackage } from './imported-component.ts';

/** How other producers call their facts. */
const trivy = 'aquasecurity:trivy:';
const syft = 'syft:';

/** Syft numbers the places where it saw a package; the rest says nothing more to a scan. */
const maxLocations = 100;

/** The cataloger that packages of other programs' documents name. */
export const foreignCataloger = 'sbom';

/**
 * Makes a package of another program's component: the purl first, then Trivy's and Syft's own properties, which alone
 * tell the source package, the module and the layer in some of their documents.
 */
export function foreignPackage(
  component: ImportedComponent,
  fromPurl: { readonly package: PurlFields; readonly distro?: Distro },
): ImportedPackage {
  const { properties } = component;
  const fields = fromPurl.package;
  const version = fields.version === '' ? component.version : fields.version;
  const isOs = osPackageTypes.has(fields.type);
  const optional: Partial<InventoryPackage> = dropUndefined({
    source: isOs ? sourceOf(component, fields, version) : undefined,
    modularityLabel: fields.modularityLabel ?? properties.get(`${trivy}Modularitylabel`),
    maintainer: isOs ? (properties.get(`${syft}metadata:maintainer`) ?? component.supplier) : undefined,
    digest: component.digest,
  });
  return {
    package: {
      ...fields,
      version,
      licenses: component.licenses,
      cataloger: foreignCataloger,
      ...optional,
      purl: formatPackageUrl(parsePackageUrl(component.purl as string)),
      locations: locationsOf(component),
    },
    ...(fromPurl.distro === undefined ? {} : { distro: fromPurl.distro }),
  };
}

function sourceOf(component: ImportedComponent, fields: PurlFields, version: string): SourcePackage | undefined {
  const { properties } = component;
  const name = properties.get(`${trivy}SrcName`);
  if (name !== undefined) return { name, version: trivySourceVersion(properties) ?? version };
  if (fields.source !== undefined || component.source !== undefined) return fields.source ?? component.source;

  const debian = properties.get(`${syft}metadata:source`);
  if (debian !== undefined && debian !== '') {
    return { name: debian, version: properties.get(`${syft}metadata:sourceVersion`) || version };
  }
  const alpine = properties.get(`${syft}metadata:originPackage`);
  if (alpine !== undefined && alpine !== '') return { name: alpine, version };
  const rpm = /^(.+)-([^-]+-[^-]+)\.(?:no)?src\.rpm$/.exec(properties.get(`${syft}metadata:sourceRpm`) ?? '');
  if (rpm === null) return undefined;
  return { name: rpm[1] as string, version: (/^\d+:/.exec(version)?.[0] ?? '') + (rpm[2] as string) };
}

/** Trivy writes epoch, version and release of the source apart. */
function trivySourceVersion(properties: ReadonlyMap<string, string>): string | undefined {
  const version = properties.get(`${trivy}SrcVersion`);
  if (version === undefined || version === '') return undefined;
  const epoch = properties.get(`${trivy}SrcEpoch`) ?? '';
  const release = properties.get(`${trivy}SrcRelease`) ?? '';
  return `${/^0*$/.test(epoch) ? '' : `${epoch}:`}${version}${release === '' ? '' : `-${release}`}`;
}

function locationsOf({ properties, paths }: ImportedComponent): Location[] {
  const found: Location[] = [];
  for (let index = 0; index < maxLocations; index += 1) {
    const path = properties.get(`${syft}location:${index}:path`);
    if (path === undefined) break;
    found.push(locationAt(path, properties.get(`${syft}location:${index}:layerID`), undefined));
  }
  if (found.length > 0) return found;
  const file = properties.get(`${trivy}FilePath`);
  const diffId = properties.get(`${trivy}LayerDiffID`);
  const digest = properties.get(`${trivy}LayerDigest`);
  const all = file === undefined ? paths.slice(0, maxLocations) : [file];
  // Nobody tells a path: the package still has one place, which is nowhere in particular.
  return (all.length === 0 ? [''] : all).map((path) => locationAt(path, diffId, digest));
}

function locationAt(path: string, diffId: string | undefined, digest: string | undefined): Location {
  const relative = path.replace(/^\/+/, '');
  if (diffId === undefined || !isDigest(diffId)) return { path: relative };
  return { path: relative, layer: { diffId, ...(digest !== undefined && isDigest(digest) ? { digest } : {}) } };
}

function dropUndefined(object: {
  readonly [Key in keyof InventoryPackage]?: InventoryPackage[Key] | undefined;
}): Partial<InventoryPackage> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}
