import type { VexProduct, VexStatement } from '../../finding/vex.ts';
import { parsePackageUrl, type PackageUrl } from '../../package/package-url.ts';
import { PackageUrlError } from '../../package/package-url-error.ts';
import { VexError } from './error.ts';
import { vexLimits } from './limits.ts';

/** A VEX document, read. */
export interface VexDocument {
  /** As the user named it. */
  readonly source: string;
  /** In the order of the document. */
  readonly statements: readonly VexStatement[];
  /**
   * Statements that would set findings aside, and of which no product, or not each, is named in a way that packages can be held against:
   * they set less aside than their writer meant.
   */
  readonly unusable: number;
  /** Statements that their format does not let set a finding aside, since they do not say why; they set nothing aside. */
  readonly unreasoned: number;
}

/** A statement as a parser finds it. `products` has `undefined` for each that cannot be held against packages. */
export type FoundStatement = Omit<VexStatement, 'products' | 'source'> & {
  readonly products: readonly (VexProduct | undefined)[];
};

/** Gathers the statements of a document, within its limits. */
export interface StatementList {
  /** @throws VexError VEX_LIMIT_EXCEEDED, VEX_MALFORMED for an id that is none */
  add(found: FoundStatement): void;
  /** Counts a statement that says of something that it is not affected, and not why, as its format demands. */
  leaveOut(): void;
  done(): VexDocument;
}

/** Starts the list of a document's statements. */
export function statementList(source: string): StatementList {
  const statements: VexStatement[] = [];
  let products = 0;
  let unusable = 0;
  let unreasoned = 0;
  return {
    add(found) {
      const { id, aliases, statement, products: given } = found;
      if (id === '' || id.length > vexLimits.idLength) throw malformed(source, 'a vulnerability has no usable id');
      const usable = given.filter((product) => product !== undefined);
      for (const product of given) {
        products += 1;
        if (product?.kind === 'purl') products += product.purls.length + (product.subcomponents?.length ?? 0);
      }
      if (statements.length >= vexLimits.statements || products > vexLimits.products) {
        const most = `${vexLimits.statements} statements or ${vexLimits.products} products`;
        throw new VexError('VEX_LIMIT_EXCEEDED', `${source} has more than ${most}; split it up`);
      }
      const isShort = usable.length < given.length || given.length === 0;
      if (isShort && setsAside(found)) unusable += 1;
      if (usable.length === 0) return;
      statements.push({
        ...found,
        products: usable,
        aliases: aliases.filter((alias) => alias.length <= vexLimits.idLength).slice(0, vexLimits.aliases),
        ...(statement === undefined ? {} : { statement: statement.slice(0, vexLimits.reasonLength) }),
        source,
      });
    },
    leaveOut() {
      unreasoned += 1;
    },
    done: () => ({ source, statements, unusable, unreasoned }),
  };
}

/** True for the statuses that set a finding aside. */
export function setsAside({ status }: Pick<VexStatement, 'status'>): boolean {
  return status === 'not_affected' || status === 'fixed';
}

/** A document that breaks its format; nobody can tell then what it meant to say. */
export function malformed(source: string, why: string, cause?: unknown): VexError {
  return new VexError('VEX_MALFORMED', `The VEX document ${source} breaks its format: ${why}; write it anew`, {
    cause,
  });
}

/** The package URL that a text is; undefined where it is none. */
export function purlOrNone(text: string): PackageUrl | undefined {
  if (!/^pkg:/i.test(text)) return undefined;
  try {
    return parsePackageUrl(text);
  } catch (error) {
    if (error instanceof PackageUrlError) return undefined;
    throw error;
  }
}

/** An instant (RFC 3339) in milliseconds, as the member of a statement; nothing where the text is none. */
export function instantOf(...texts: readonly (string | null | undefined)[]): { readonly at?: number } {
  for (const text of texts) {
    const at = typeof text === 'string' && /^\d{4}-\d\d-\d\d[Tt ]/.test(text) ? Date.parse(text) : Number.NaN;
    if (Number.isFinite(at)) return { at };
  }
  return {};
}
