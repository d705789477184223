import type { VexProduct, VexStatus } from '../../../finding/vex.ts';
import type { PackageUrl } from '../../../package/package-url.ts';
import { instantOf, malformed, purlOrNone, setsAside, statementList, type VexDocument } from '../document.ts';
import { VexError } from '../error.ts';
import { parseBomLink } from './bom-link.ts';
import { type BomParts, partsOf } from './bom-parts.ts';
import { vexBom, vexVulnerability, type VexAffects, type VexVulnerability } from './schema.ts';

type State = NonNullable<NonNullable<VexVulnerability['analysis']>['state']>;

const statuses: Readonly<Record<State, VexStatus>> = {
  resolved: 'fixed',
  resolved_with_pedigree: 'fixed',
  exploitable: 'affected',
  in_triage: 'under_investigation',
  false_positive: 'not_affected',
  not_affected: 'not_affected',
};

/** True for what says that it is CycloneDX. */
export function isCycloneDx(json: Readonly<Record<string, unknown>>): boolean {
  return json['bomFormat'] === 'CycloneDX';
}

/**
 * Reads the `vulnerabilities` of a CycloneDX document, 1.4 to 1.7, whether it stands for itself or lists components too. A flaw without a
 * state of analysis says nothing.
 *
 * @param source as the user named it
 * @throws VexError
 */
export function parseCycloneDxVex(json: unknown, source: string): VexDocument {
  const { data: document, error } = vexBom.safeParse(json);
  if (document === undefined) throw malformed(source, 'it is no CycloneDX document', error);
  if (!/^1\.[4-7]$/.test(document.specVersion)) {
    const version = document.specVersion.slice(0, 20);
    const message = `${source} is CycloneDX ${version}, of which no VEX is read; write it as 1.4 to 1.7`;
    throw new VexError('VEX_VERSION_UNSUPPORTED', message);
  }
  if (document.vulnerabilities == null) {
    const message = `${source} is a CycloneDX document without vulnerabilities, which says nothing of any; name its VEX`;
    throw new VexError('VEX_UNRECOGNISED', message);
  }
  const parts = partsOf(document);
  const list = statementList(source);
  for (const [at, each] of document.vulnerabilities.entries()) {
    const { data: flaw, error: cause } = vexVulnerability.safeParse(each);
    if (flaw === undefined) throw malformed(source, `its vulnerability ${at + 1} is none`, cause);
    const { analysis } = flaw;
    if (analysis?.state == null) continue;
    const status = statuses[analysis.state];
    list.add({
      id: flaw.id ?? '',
      aliases: (flaw.references ?? []).map(({ id }) => id).filter((id) => id != null),
      products: (flaw.affects ?? []).flatMap((affects) => productsOf(affects, status, parts)),
      status,
      ...(analysis.justification == null ? {} : { justification: analysis.justification }),
      ...(analysis.detail == null ? {} : { statement: analysis.detail }),
      ...instantOf(analysis.lastUpdated, analysis.firstIssued, flaw.updated, document.metadata?.timestamp),
    });
  }
  return list.done();
}

function productsOf({ ref, versions }: VexAffects, status: VexStatus, parts: BomParts): (VexProduct | undefined)[] {
  const product = productOf(ref, parts);
  if (versions == null || versions.length === 0 || !setsAside({ status })) return [product];
  // Versions are affected unless the document says otherwise, whatever its analysis is; ranges are not held against packages.
  return versions.map(({ version, status: word }) =>
    version == null || word !== 'unaffected' ? undefined : product && atVersion(product, version),
  );
}

function atVersion(product: VexProduct, version: string): VexProduct | undefined {
  if (product.kind === 'bom') return undefined;
  const { purls, subcomponents } = product;
  const at = (purl: PackageUrl): PackageUrl => ({ ...purl, version });
  return subcomponents === undefined
    ? { ...product, purls: purls.map(at) }
    : { ...product, subcomponents: subcomponents.map(at) };
}

/**
 * What a reference names: a part of another document (BOM-Link), or of this one, or else a package URL that is given in the place of a name. A part
 * of this document is meant as it lies in what the document is about: the same package elsewhere is another matter.
 */
function productOf(ref: string, { identity, subject, components }: BomParts): VexProduct | undefined {
  const link = parseBomLink(ref);
  if (link !== undefined) return link;
  const own: VexProduct | undefined = identity && { kind: 'bom', bom: identity, ref };
  const whole = purlOrNone(subject?.purl ?? '');
  if (subject !== undefined && subject['bom-ref'] === ref) {
    return whole === undefined ? identity && { kind: 'bom', bom: identity } : { kind: 'purl', purls: [whole] };
  }
  const component = components.get(ref);
  const purl = purlOrNone(component?.purl ?? (component === undefined ? ref : ''));
  if (purl === undefined || (subject !== undefined && whole === undefined && component !== undefined)) return own;
  if (component === undefined || whole === undefined) return { kind: 'purl', purls: [purl] };
  return { kind: 'purl', purls: [whole], subcomponents: [purl] };
}
