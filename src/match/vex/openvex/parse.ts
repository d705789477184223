import type { VexProduct } from '../../../finding/vex.ts';
import type { PackageUrl } from '../../../package/package-url.ts';
import { instantOf, malformed, purlOrNone, statementList, type VexDocument } from '../document.ts';
import { VexError } from '../error.ts';
import {
  openVexDocument,
  openVexStatement,
  type OpenVexComponent,
  type OpenVexProduct,
  type OpenVexStatement,
} from './schema.ts';

const namespace = /^https:\/\/openvex\.dev\/ns(?:\/v?(?<version>[^/]+))?\/?$/;

/** True for what says that it is OpenVEX. */
export function isOpenVex(json: Readonly<Record<string, unknown>>): boolean {
  const context = json['@context'];
  return typeof context === 'string' && context.startsWith('https://openvex.dev/ns');
}

/**
 * Reads an OpenVEX document (openvex/spec, v0.0.0 to v0.2.0). A statement's own time counts before the document's ("Inheritance Flow"), and when
 * it was last updated before when it was made. What says `not_affected` and not why is left out.
 *
 * @param source as the user named it
 * @throws VexError
 */
export function parseOpenVex(json: unknown, source: string): VexDocument {
  const { data: document, error } = openVexDocument.safeParse(json);
  if (document === undefined) throw malformed(source, 'it has no list of statements', error);
  const { version = '0.0.0' } = namespace.exec(document['@context'])?.groups ?? { version: 'of an unknown namespace' };
  if (!/^0\.[0-2](?:\.\d+)?$/.test(version)) {
    const message = `${source} is OpenVEX ${version.slice(0, 40)}, which is not read; write it as 0.2.0`;
    throw new VexError('VEX_VERSION_UNSUPPORTED', message);
  }
  const list = statementList(source);
  for (const [at, each] of document.statements.entries()) {
    const { data: statement, error: cause } = openVexStatement.safeParse(each);
    if (statement === undefined) throw malformed(source, `its statement ${at + 1} is none`, cause);
    const { last_updated: updated, timestamp, justification, status } = statement;
    // "A VEX statement MUST include either a status justification or an impact_statement" (Statement Fields): status_notes are neither.
    if (status === 'not_affected' && isBlank(justification) && isBlank(statement.impact_statement)) {
      list.leaveOut();
      continue;
    }
    const reason = statement.impact_statement ?? statement.status_notes ?? undefined;
    list.add({
      ...namesOf(statement.vulnerability),
      products: productsOf(statement),
      status,
      ...(justification == null ? {} : { justification }),
      ...(reason === undefined ? {} : { statement: reason }),
      ...instantOf(updated, timestamp, document.last_updated, document.timestamp),
    });
  }
  return list.done();
}

function isBlank(text: string | null | undefined): boolean {
  return text == null || text.trim() === '';
}

function namesOf(vulnerability: OpenVexStatement['vulnerability']): {
  readonly id: string;
  readonly aliases: readonly string[];
} {
  if (typeof vulnerability === 'string') return { id: vulnerability, aliases: [] };
  const { name, '@id': iri, aliases } = vulnerability;
  return { id: name ?? iri ?? '', aliases: aliases ?? [] };
}

function productsOf({ products, subcomponents: shared }: OpenVexStatement): (VexProduct | undefined)[] {
  return (products ?? []).map((product) => {
    const purls = purlsOf(product);
    if (purls.length === 0) return undefined;
    const given = typeof product === 'string' ? undefined : product.subcomponents;
    const parts = given == null || given.length === 0 ? (shared ?? []) : given;
    if (parts.length === 0) return { kind: 'purl', purls };
    const subcomponents = parts.flatMap(purlsOf);
    // Parts that cannot be told apart are never all of them.
    return subcomponents.length === 0 ? undefined : { kind: 'purl', purls, subcomponents };
  });
}

/** An IRI may be a package URL, and may stand for one that is among the identifiers. */
function purlsOf(component: string | OpenVexComponent | OpenVexProduct): PackageUrl[] {
  const texts = typeof component === 'string' ? [component] : [component['@id'], component.identifiers?.['purl']];
  const known = new Set(texts.filter((text) => typeof text === 'string'));
  return [...known].map(purlOrNone).filter((purl) => purl !== undefined);
}
