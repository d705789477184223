import { parseStrictJson } from '../../codec/json/parse.ts';
import type { CertificateState, KeyedCertificate } from './model.ts';

/** Writes a state, private keys included: for a place that only the webhook reads. */
export function formatCertificateState(state: CertificateState): string {
  return `${JSON.stringify(state, undefined, 2)}\n`;
}

/** Reads what {@link formatCertificateState} wrote; undefined for anything else. Whether its certificates are good is asked later. */
export function parseCertificateState(text: string): CertificateState | undefined {
  let value: unknown;
  try {
    value = parseStrictJson(Buffer.from(text), 8);
  } catch {
    return undefined;
  }
  if (!isRecord(value)) return undefined;
  const { authority, isPublished, leaf, previous, leafSince } = value;
  if (!isKeyed(authority) || !isKeyed(leaf) || typeof isPublished !== 'boolean') return undefined;
  if (previous !== undefined && typeof previous !== 'string') return undefined;
  if (leafSince !== undefined && !Number.isSafeInteger(leafSince)) return undefined;
  return {
    authority: pick(authority),
    isPublished,
    leaf: pick(leaf),
    ...(previous === undefined ? {} : { previous }),
    ...(leafSince === undefined ? {} : { leafSince: leafSince as number }),
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function isKeyed(value: unknown): value is KeyedCertificate {
  return isRecord(value) && typeof value['certificate'] === 'string' && typeof value['key'] === 'string';
}

function pick({ certificate, key }: KeyedCertificate): KeyedCertificate {
  return { certificate, key };
}
