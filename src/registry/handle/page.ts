import { RegistryError } from '../error.ts';

/** What part of a list is asked for. */
export interface PageQuery {
  /** The last entry of the page before; empty at the beginning. */
  readonly last: string;
  readonly limit: number;
}

/**
 * Reads `n` and `last` (distribution-spec, "Listing Tags"). More than the registry gives at once is cut, and the rest linked.
 *
 * @param most entries of a page
 * @throws RegistryError UNSUPPORTED with status 400 for an `n` that is no number
 */
export function parsePage(query: URLSearchParams, most: number): PageQuery {
  const text = query.get('n');
  if (text !== null && !/^\d{1,40}$/.test(text)) {
    throw new RegistryError('UNSUPPORTED', 'The parameter n is not a number of entries', { status: 400 });
  }
  const limit = text === null ? most : Math.min(Number(text), most);
  return { last: query.get('last') ?? '', limit };
}

/** The `Link` to the next page (RFC 8288), by path alone so that clients do not leave the host. */
export function nextPage(
  path: string,
  parameters: Readonly<Record<string, string | number>>,
): Readonly<Record<string, string>> {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) query.append(name, String(value));
  return { link: `<${path}?${query.toString()}>; rel="next"` };
}
