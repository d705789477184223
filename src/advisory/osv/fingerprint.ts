/** The state of an ecosystem that was fetched last. */
export interface OsvFingerprint {
  /** Of the whole zip. */
  readonly etag?: string;
  /** The latest `modified` of a record, RFC 3339. */
  readonly modified?: string;
}

/** Writes a fingerprint as the feed contract's text. */
export function formatFingerprint({ etag, modified }: OsvFingerprint): string {
  return JSON.stringify({ ...(etag === undefined ? {} : { etag }), ...(modified === undefined ? {} : { modified }) });
}

/** Reads a fingerprint; text that is none names no state, so everything is fetched. */
export function parseFingerprint(text: string | undefined): OsvFingerprint {
  if (text === undefined) return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return {};
  }
  if (value === null || typeof value !== 'object') return {};
  const { etag, modified } = value as Record<string, unknown>;
  return {
    ...(typeof etag === 'string' ? { etag } : {}),
    ...(typeof modified === 'string' ? { modified } : {}),
  };
}
