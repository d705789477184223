import { parseLicenseExpression } from '../license-expression.ts';
import { isCycloneDxLicenseId } from '../license-ids.ts';

/** `licenseChoice` of CycloneDX 1.6: a list of licences, or exactly one expression. */
export type CycloneDxLicenses =
  | readonly { readonly license: { readonly id: string } | { readonly name: string } }[]
  | readonly [{ readonly expression: string }];

/** Licence statements as CycloneDX 1.6 writes them: an expression when the list cannot say it, else one by one. */
export function encodeLicenses(statements: readonly string[]): CycloneDxLicenses {
  const named = statements.filter((statement) => statement.trim() !== '');
  const parsed = named.map(parseLicenseExpression);
  const needsExpression = parsed.some((expression) => expression !== undefined && expression.kind !== 'id');
  if (needsExpression && parsed.every((expression) => expression !== undefined)) {
    const terms = parsed.map(({ text, kind }) => (kind === 'compound' && parsed.length > 1 ? `(${text})` : text));
    return [{ expression: terms.join(' AND ') }];
  }
  return named.map((name, index) => {
    const id = parsed[index]?.text ?? '';
    return { license: isCycloneDxLicenseId(id) ? { id } : { name } };
  });
}

/** The statements that a reader takes from such a list. */
export function decodeLicenses(
  licenses: readonly {
    readonly license?: { readonly id?: string | undefined; readonly name?: string | undefined } | undefined;
    readonly expression?: string | undefined;
  }[],
): string[] {
  return licenses
    .map(({ license, expression }) => expression ?? license?.id ?? license?.name)
    .filter((statement) => statement !== undefined);
}
