import { parseJsonObject } from '../../oci/json.ts';
import { reachLimits } from './limits.ts';

/**
 * Of the body of an error, what a registry says by its own protocol (OCI distribution-spec, "Error Codes"); nothing of any other answer,
 * which somebody else's server may have meant for other eyes.
 */
export async function* ownWords(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > reachLimits.errorBytes) return;
  }
  const first = firstError(Buffer.concat(chunks));
  if (first !== undefined) yield Buffer.from(JSON.stringify({ errors: [first] }));
}

function firstError(body: Buffer): { readonly code: string; readonly message: string } | undefined {
  try {
    const { errors } = parseJsonObject(body, () => new Error('not JSON'));
    const [first] = Array.isArray(errors) ? (errors as readonly unknown[]) : [];
    const { code, message } = (first ?? {}) as { readonly code?: unknown; readonly message?: unknown };
    if (typeof code !== 'string' || !/^[A-Z_]{1,64}$/.test(code)) return undefined;
    return { code, message: typeof message === 'string' ? message : '' };
  } catch {
    return undefined;
  }
}
