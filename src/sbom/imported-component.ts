import type { Distro } from '../package/distro.ts';
import type { InventoryPackage, SourcePackage } from '../package/package.ts';
import { packageOfPurl, type PurlFields } from '../package/purl-of-package.ts';
import { carriedPrefix } from './carried-properties.ts';
import { foreignPackage } from './foreign-package.ts';
import { readJsonShape, readShape, type CarriedShapes } from './schema.ts';

/** A component as a decoder finds it, before it is known what it is. */
export interface ImportedComponent {
  /** What the document calls it. */
  readonly ref: string;
  readonly version: string;
  readonly purl?: string | undefined;
  readonly licenses: readonly string[];
  readonly digest?: string | undefined;
  readonly supplier?: string | undefined;
  /** Paths that the format itself, or the kind of its parent, tells. */
  readonly paths: readonly string[];
  /** The source package, when a field of the format tells it. */
  readonly source?: SourcePackage | undefined;
  /** Producers' own facts by their full name: `seaworthy:arch`, `aquasecurity:trivy:SrcName`. The first of a name counts. */
  readonly properties: ReadonlyMap<string, string>;
}

/** A package of a document, with what its purl says of the distribution. */
export interface ImportedPackage {
  readonly package: InventoryPackage;
  readonly distro?: Distro;
}

/** Makes a package of a component; undefined when nothing says of which kind it is. */
export function importPackage(component: ImportedComponent): ImportedPackage | undefined {
  if (component.purl === undefined) return undefined;
  const fromPurl = readPurl(component.purl);
  const own = ownPackage(component, component.purl, fromPurl?.package);
  if (own !== undefined) return { package: own };
  return fromPurl && foreignPackage(component, fromPurl);
}

function readPurl(purl: string): ReturnType<typeof packageOfPurl> {
  try {
    return packageOfPurl(purl);
  } catch {
    return undefined;
  }
}

/** Reads what {@link carriedProperties} writes; undefined when it is not there or was damaged. */
function ownPackage(
  { properties, version, licenses }: ImportedComponent,
  purl: string,
  fromPurl: PurlFields | undefined,
): InventoryPackage | undefined {
  const text = (name: string): string | undefined => properties.get(carriedPrefix + name);
  let damaged = false;
  function json<Name extends keyof CarriedShapes>(name: string, shape: Name): CarriedShapes[Name] | undefined {
    const value = text(name);
    if (value === undefined) return undefined;
    const read = readJsonShape(shape, value);
    damaged ||= read === undefined;
    return read;
  }

  const type = readShape('type', text('type'));
  const cataloger = text('cataloger');
  const locations = json('locations', 'locations');
  const name = text('name') ?? fromPurl?.name;
  if (type === undefined || cataloger === undefined || locations === undefined || name === undefined) return undefined;
  const sourceName = text('source:name');
  const optional = {
    arch: text('arch'),
    source: sourceName === undefined ? undefined : { name: sourceName, version: text('source:version') ?? version },
    maintainer: text('maintainer'),
    modularityLabel: text('modularityLabel'),
    digest: text('digest'),
    innerPath: text('innerPath'),
    qualifiers: json('qualifiers', 'record'),
    dependsOn: json('dependsOn', 'texts'),
    main: text('main') === undefined ? undefined : text('main') === 'true',
    ownedBy: json('ownedBy', 'identity'),
  };
  const allLicenses = json('licenses', 'texts') ?? licenses;
  if (damaged) return undefined;
  const present = Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined));
  return { type, name, version, licenses: allLicenses, cataloger, ...present, purl, locations };
}
