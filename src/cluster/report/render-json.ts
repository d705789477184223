import { severities } from '../../finding/severity.ts';
import { countSeverities } from '../../report/count-severities.ts';
import { goJson, omitEmpty } from '../../report/json/go-json.ts';
import { problemFields } from '../../report/json/problem-fields.ts';
import type { ScannedPlatform } from '../scan/model.ts';
import type { ClusterReport, Flaw, HeldReport, ReportedImage, ReportKind } from './model.ts';
import { indented, jsonPlaces } from './json-places.ts';
import { unpackBytes } from './packed-text.ts';
import { workloadRows, type WorkloadRow } from './workload-rows.ts';

/**
 * The report as JSON, in pieces, since all results of all workloads may be more than fits into memory. Its first members are those of
 * Trivy's (aquasecurity/trivy, pkg/k8s/report): `ClusterName`, and `Resources`, or `Findings` in a summary, with `Namespace`, `Kind`, `Name`,
 * `Metadata`, `Results` and `Error`. Images, with what was found in each, and what could not be looked at stand in `Seaworthy`.
 */
export async function* renderJson(report: ClusterReport, kind: ReportKind): AsyncGenerator<string | Uint8Array> {
  const { inventory, createdAt, part, database, images, policies, changes } = report;
  yield `{\n  "ClusterName": ${goJson(inventory.cluster)},\n  "${kind === 'all' ? 'Resources' : 'Findings'}": `;
  const rows = workloadRows(report);
  yield* list(kind === 'all' ? rows : rows.filter(isWorthTelling), 2, resourcePieces);
  yield `,\n  "Seaworthy": {\n    "Report": "${kind}",\n    "CreatedAt": ${goJson(createdAt)},\n`;
  const version = inventory.version === undefined ? '' : `    "ClusterVersion": ${goJson(inventory.version)},\n`;
  yield version;
  if (part.length > 0) yield `    "Part": ${indented(goJson(part), 4)},\n`;
  if (database !== undefined) {
    yield `    "Database": ${indented(goJson({ BuiltAt: database.builtAt, SchemaVersion: database.schemaVersion }), 4)},\n`;
  }
  yield '    "Images": ';
  yield* list(images, 4, imagePieces);
  yield `,\n    "Gaps": ${indented(goJson(inventory.gaps), 4)}`;
  if (policies !== undefined) yield `,\n    "Policies": ${indented(goJson(policies), 4)}`;
  if (changes !== undefined) yield `,\n    "Changes": ${indented(goJson(changes), 4)}`;
  yield '\n  }\n}\n';
}

/** In a summary stands what was found, and what could not be looked at: that is never nothing. */
function isWorthTelling({ counts, unknown }: WorkloadRow): boolean {
  return unknown.length > 0 || Object.values(counts).some((count) => count > 0);
}

async function* list<Item>(
  items: readonly Item[],
  indent: number,
  piecesOf: (item: Item) => AsyncIterable<string | Uint8Array>,
): AsyncGenerator<string | Uint8Array> {
  if (items.length === 0) return yield '[]';
  yield '[';
  for (const [at, item] of items.entries()) {
    yield `${at === 0 ? '' : ','}\n${' '.repeat(indent + 2)}`;
    yield* piecesOf(item);
  }
  return yield `\n${' '.repeat(indent)}]`;
}

async function* imagePieces(image: ReportedImage): AsyncGenerator<string> {
  yield await Promise.resolve(indented(goJson(imageFields(image)), 6));
}

async function* resourcePieces({ workload, images, unknown }: WorkloadRow): AsyncGenerator<string | Uint8Array> {
  const { namespace, kind, name, group } = workload;
  const held = images.flatMap(({ platforms }) => platforms.flatMap(reportOf)).flatMap(({ json }) => json ?? []);
  const member = `\n${' '.repeat(jsonPlaces.list)}`;
  yield `{${member}"Namespace": ${goJson(namespace)},${member}"Kind": ${goJson(kind)},${member}"Name": ${goJson(name)}`;
  for (const part of ['metadata', 'results'] as const) {
    let isFirst = true;
    for (const json of held) {
      if (json[part].size === 0) continue;
      const title = part === 'metadata' ? 'Metadata' : 'Results';
      yield isFirst ? `,${member}"${title}": [\n${' '.repeat(jsonPlaces.member)}` : jsonPlaces.between;
      yield unpackBytes(json[part]);
      isFirst = false;
    }
    if (!isFirst) yield `${member}]`;
  }
  if (unknown.length > 0) yield `,${member}"Error": ${goJson(unknown.join('; '))}`;
  const seaworthy = { Group: group, ...omitEmpty({ Digests: images.flatMap(({ digest }) => digest ?? []) }) };
  yield `,${member}"Seaworthy": ${indented(goJson(seaworthy), jsonPlaces.list)}\n${' '.repeat(jsonPlaces.entry)}}`;
}

function reportOf(platform: ScannedPlatform<HeldReport>): readonly HeldReport[] {
  return platform.state === 'scanned' ? [platform.report] : [];
}

function imageFields({ image, name, digest, state, failure, platforms }: ReportedImage): unknown {
  return {
    Name: name,
    ...omitEmpty({ Digest: digest, IsRunning: image.digest !== undefined }),
    Names: image.images,
    Pods: image.pods,
    State: state,
    ...omitEmpty({ Error: failure && { Code: failure.code, Message: failure.message } }),
    Platforms: platforms.map(platformFields),
    Users: image.users.map((user) => ({
      Namespace: user.namespace,
      ...omitEmpty({ Group: user.group }),
      Kind: user.kind,
      Name: user.name,
      Container: user.container,
      ContainerKind: user.containerKind,
      Pods: user.pods,
    })),
  };
}

function platformFields(each: ScannedPlatform<HeldReport>): unknown {
  if (each.state === 'failed') {
    const { code, message } = each.failure;
    return { ...omitEmpty({ Platform: each.platform }), Error: { Code: code, Message: message } };
  }
  const { flaws, packages, problems, endOfLife } = each.report;
  const counts = countSeverities(flaws);
  return {
    Platform: each.platform,
    Manifest: each.manifest,
    Packages: packages,
    ...omitEmpty({ EOSL: endOfLife }),
    Counts: Object.fromEntries(severities.toReversed().map((severity) => [severity, counts[severity]])),
    Flaws: flaws.map(flawFields),
    ...omitEmpty({ Problems: problems.map(problemFields) }),
  };
}

function flawFields({ id, package: name, version, fixed, severity }: Flaw): unknown {
  return { ID: id, Package: name, Version: version, ...omitEmpty({ Fixed: fixed }), Severity: severity };
}
