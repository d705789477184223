import type { DocumentFacts } from '../../../finding/scan-report.ts';
import type { BomIdentity } from '../../../finding/vex.ts';
import { formatPackageUrl } from '../../../package/package-url.ts';
import { purlOrNone } from '../document.ts';
import { vexBom, vexComponent, type VexBom, type VexComponent } from './schema.ts';

/** What a CycloneDX document calls its parts. */
export interface BomParts {
  /** Absent where the document has no serial number. */
  readonly identity?: BomIdentity;
  /** What the document is about; absent where it does not say. */
  readonly subject?: VexComponent;
  /** By `bom-ref`; of two parts with one name, neither is there. */
  readonly components: ReadonlyMap<string, VexComponent>;
}

/** What VEX documents may call the parts of a bill of materials that was parsed as JSON; undefined when it has no serial number. */
export function bomFactsOf(json: unknown): DocumentFacts['bom'] {
  const { data: document } = vexBom.safeParse(json);
  if (document === undefined) return undefined;
  const { identity, components } = partsOf(document);
  if (identity === undefined) return undefined;
  const purls = new Map<string, string>();
  for (const [ref, { purl }] of components) {
    const read = purlOrNone(purl ?? '');
    if (read !== undefined) purls.set(ref, formatPackageUrl(read));
  }
  return { ...identity, purls };
}

/** The parts of a document. */
export function partsOf({ serialNumber, version, metadata, components }: VexBom): BomParts {
  const serial = /^urn:uuid:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i.exec(serialNumber ?? '')?.[1];
  const { data: subject } = vexComponent.safeParse(metadata?.component);
  const found = new Map<string, VexComponent>();
  const twice = new Set<string>();
  const lists = [components ?? [], subject?.components ?? []];
  for (let list = lists.pop(); list !== undefined; list = lists.pop()) {
    for (const json of list) {
      const { data: component } = vexComponent.safeParse(json);
      if (component === undefined) continue;
      const ref = component['bom-ref'];
      if (ref != null && found.has(ref)) twice.add(ref);
      if (ref != null) found.set(ref, component);
      if (component.components != null) lists.push(component.components);
    }
  }
  for (const ref of twice) found.delete(ref);
  return {
    ...(serial === undefined ? {} : { identity: { serial: serial.toLowerCase(), version: version ?? 1 } }),
    ...(subject === undefined ? {} : { subject }),
    components: found,
  };
}
