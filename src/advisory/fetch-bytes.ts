/**
 * Fetches a document over the network, whole. The network folder provides it; feeds only ask.
 *
 * `unchanged` answers a conditional request whose `etag` still holds; `missing` says that the server surely has no such
 * document (404). Everything else that goes wrong is thrown: "could not look" is not "not there".
 */
export type FetchBytes = (
  url: string,
  options: { readonly maxBytes: number; readonly etag?: string; readonly signal?: AbortSignal },
) => Promise<FetchedBytes | 'unchanged' | 'missing'>;

/** A fetched document. */
export interface FetchedBytes {
  readonly bytes: Uint8Array;
  /** Names this state of the document, when the server tells. */
  readonly etag?: string;
}
