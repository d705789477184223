import type { ScanReport } from '../../finding/scan-report.ts';
import { goJson } from '../../report/json/go-json.ts';
import { reportFields } from '../../report/json/render.ts';
import { tableReport } from '../../report/table/render.ts';
import { indented, jsonPlaces } from './json-places.ts';
import type { Flaw, HeldReport, ReportKind } from './model.ts';
import { packText } from './packed-text.ts';

/** What the outputs need of the report of each image. */
export interface HeldParts {
  /** How much of it JSON tells; absent where there is none. */
  readonly json?: ReportKind;
  /** How wide a table of it is; absent where there is none. */
  readonly table?: { readonly width: number; readonly colour: boolean };
}

/** Texts that many images have, each held once. */
export type SharedTexts = Map<string, string>;

/**
 * Reduces the report of an image to what is told of it in the end.
 *
 * @param report as shown
 * @param status as of {@link HeldReport}
 */
export async function holdReport(
  report: ScanReport,
  status: number,
  { json, table }: HeldParts,
  texts: SharedTexts,
): Promise<HeldReport> {
  const { findings, problems, endOfLife, database, inventory } = report;
  const share = (text: string): string => {
    const known = texts.get(text);
    if (known !== undefined) return known;
    texts.set(text, text);
    return text;
  };
  const flaws = findings.map(({ id, package: { name, version }, fixedVersions, severity }): Flaw => ({
    id: share(id),
    package: share(name),
    version: share(version),
    fixed: share(fixedVersions.join(', ')),
    severity,
  }));
  return {
    flaws,
    packages: inventory.packages.filter(({ ownedBy }) => ownedBy === undefined).length,
    problems,
    ...(endOfLife === undefined ? {} : { endOfLife }),
    ...(database === undefined ? {} : { database }),
    status,
    ...(json === undefined ? {} : { json: await holdJson(report, json) }),
    ...(table === undefined
      ? {}
      : { table: await packText(tableReport.render([report], { ...table, version: '', listAllPackages: false })) }),
  };
}

async function holdJson(report: ScanReport, kind: ReportKind): Promise<NonNullable<HeldReport['json']>> {
  const { Metadata, Results = [] } = reportFields(report, false);
  const seaworthy = placeOf(report);
  const results = Results.map((result) => ({
    ...(kind === 'all' ? (result as object) : shortResult(result as Readonly<Record<string, unknown>>)),
    Seaworthy: seaworthy,
  }));
  const metadata = kind === 'all' ? Metadata : only(Metadata as object, shortMetadata);
  return {
    metadata: await packText(indented(goJson(metadata), jsonPlaces.member)),
    results: await packText(
      results.map((result) => indented(goJson(result), jsonPlaces.member)).join(jsonPlaces.between),
    ),
  };
}

/** Which image a result is of: a workload has several, and nothing of them is merged away. */
function placeOf({ artifact: { name, image } }: ScanReport): unknown {
  if (image === undefined) return { Image: name };
  const { os, architecture, variant } = image.platform;
  return {
    Image: name,
    Manifest: image.manifestDigest,
    Platform: [os, architecture, variant].filter((part) => part !== undefined).join('/'),
  };
}

const shortMetadata = ['OS', 'ImageID', 'RepoTags', 'RepoDigests'];
const shortVulnerability = [
  'VulnerabilityID',
  'PkgName',
  'PkgPath',
  'InstalledVersion',
  'FixedVersion',
  'Status',
  'Severity',
  'PrimaryURL',
];

function shortResult(result: Readonly<Record<string, unknown>>): object {
  const { Vulnerabilities: found } = result;
  return {
    ...only(result, ['Target', 'Class', 'Type']),
    ...(Array.isArray(found)
      ? { Vulnerabilities: (found as readonly object[]).map((each) => only(each, shortVulnerability)) }
      : {}),
  };
}

function only(value: object, keys: readonly string[]): object {
  const fields = new Map(Object.entries(value));
  return Object.fromEntries(keys.flatMap((key) => (fields.has(key) ? [[key, fields.get(key) as unknown]] : [])));
}
