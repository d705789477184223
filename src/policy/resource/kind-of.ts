/** What a document says that it is; empty where it does not say. */
export function kindOf(value: unknown): { readonly apiVersion: string; readonly kind: string } {
  const { apiVersion, kind } = (value !== null && typeof value === 'object' ? value : {}) as Record<string, unknown>;
  return { apiVersion: typeof apiVersion === 'string' ? apiVersion : '', kind: typeof kind === 'string' ? kind : '' };
}
