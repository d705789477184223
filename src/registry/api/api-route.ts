import type { Identity } from '../auth/identity.ts';
import type { Content } from '../content/content.ts';
import type { AccessControl } from '../pipeline/access-control.ts';

/** A JSON schema, as OpenAPI 3.1 and the server's validation read it. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** What a route of the API is asked with. */
export interface ApiCall {
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string | number | undefined>>;
  readonly identity: Identity;
  readonly content: Content;
  readonly access: AccessControl;
}

/** One route of the JSON API. The document that describes the API is made of these, so that it is never wrong. */
export interface ApiRoute {
  /** Below `/api/v1`, with `{name}` for parameters. */
  readonly path: string;
  readonly summary: string;
  readonly parameters: Readonly<Record<string, JsonSchema & { readonly description: string }>>;
  readonly query: Readonly<Record<string, JsonSchema & { readonly description: string }>>;
  readonly answer: JsonSchema;
  readonly handle: (call: ApiCall) => Promise<unknown>;
}

/** A list that comes in pages: its entries, and the `last` to ask for the next with. */
export interface ApiPage<Entry> {
  readonly items: readonly Entry[];
  /** Undefined at the end. */
  readonly next?: string;
}

/** A page of what was read, one entry more than it shows where there are more. */
export function pageOf<Entry>(read: readonly Entry[], limit: number, key: (entry: Entry) => string): ApiPage<Entry> {
  const items = read.slice(0, limit);
  const last = items.at(-1);
  return read.length > limit && last !== undefined ? { items, next: key(last) } : { items };
}
