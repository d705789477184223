import type { KubernetesObject } from '../../../kubernetes/model.ts';
import { operatorLimits as limits } from '../limits.ts';
import type { ReportTarget } from '../model.ts';
import { fingerprintOf, originFields, reportObject, type Scanner, scannerField } from './report-object.ts';
import { sbomReports } from './report-types.ts';
import { timestamp } from './vulnerability-report.ts';

interface Component {
  readonly 'bom-ref'?: string;
  readonly [field: string]: unknown;
}

interface Dependency {
  readonly ref: string;
  readonly dependsOn?: readonly string[];
}

/** What is looked at of a bill of materials in CycloneDX. */
interface Bill {
  readonly bomFormat: string;
  readonly specVersion: string;
  readonly serialNumber?: string;
  readonly version?: number;
  readonly metadata?: Readonly<Record<string, unknown>> & { readonly component?: Component };
  readonly components?: readonly Component[];
  readonly dependencies?: readonly Dependency[];
}

/** What names a report that tells what an image is made of: that never changes, so that it is what the image is. */
export function sbomFingerprint(target: ReportTarget, scanSignature: string, scanner: Scanner): string {
  return fingerprintOf(target, scanSignature, scanner);
}

/**
 * The report of what the image of a container is made of (trivy-operator, "SbomReport"): a bill of materials in `report.components`, in
 * the fields of CycloneDX that its type has. Components that have no room in an object are left out, and counted all the same.
 *
 * @param bill a document of CycloneDX in JSON
 * @throws SyntaxError
 */
export function sbomReport(
  target: ReportTarget,
  bill: Uint8Array,
  { scanSignature, checkedAt }: { readonly scanSignature: string; readonly checkedAt: number },
  scanner: Scanner,
): KubernetesObject {
  const {
    bomFormat,
    specVersion,
    serialNumber,
    version,
    metadata,
    components = [],
    dependencies = [],
  } = JSON.parse(Buffer.from(bill).toString('utf8')) as Bill;
  const room = { bytes: limits.reportBytes };
  const kept = components.map(componentOf).filter((component) => fits(component, room));
  const names = new Set([...kept, metadata?.component ?? {}].flatMap((each) => each['bom-ref'] ?? []));
  const links = dependencies
    .filter(({ ref }) => names.has(ref))
    .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter((each) => names.has(each)) }))
    .filter((dependency) => fits(dependency, room));
  return reportObject(sbomReports, target, {
    fingerprint: sbomFingerprint(target, scanSignature, scanner),
    checkedAt,
    leftOut: components.length - kept.length,
    report: {
      updateTimestamp: timestamp(checkedAt),
      scanner: scannerField(scanner),
      ...originFields(target),
      summary: {
        componentsCount: components.length + 1,
        dependenciesCount: dependencies.reduce((sum, { dependsOn = [] }) => sum + dependsOn.length, 0),
      },
      components: {
        bomFormat,
        specVersion,
        ...(serialNumber === undefined ? {} : { serialNumber }),
        ...(version === undefined ? {} : { version }),
        metadata: {
          ...pick(metadata ?? {}, ['timestamp', 'tools']),
          ...(metadata?.component === undefined ? {} : { component: componentOf(metadata.component) }),
        },
        components: kept,
        dependencies: links,
      },
    },
  });
}

/** Once something has no room, nothing that follows has. */
function fits(value: object, room: { bytes: number }): boolean {
  room.bytes -= Buffer.byteLength(JSON.stringify(value)) + 1;
  return room.bytes >= 0;
}

const members = ['bom-ref', 'type', 'name', 'group', 'version', 'purl', 'supplier', 'hashes', 'licenses', 'properties'];

/** Others would be refused, or dropped, by definitions of trivy-operator. */
function componentOf(component: Component): Component {
  return pick(component, members);
}

function pick(value: Readonly<Record<string, unknown>>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.flatMap((name) => (value[name] === undefined ? [] : [[name, value[name]]])));
}
