import { createHmac, timingSafeEqual } from 'node:crypto';
import { isDigest } from '../../oci/digest.ts';
import type { Verdict } from '../../policy/verdict.ts';
import type { KeptVerdict } from './model.ts';

/** A verdict as it is written down where others may write too. */
export interface SealedVerdict {
  /** The verdict and all that goes with it, in JSON. */
  readonly content: string;
  /** HMAC-SHA-256 of it in hexadecimal, under a key that replicas share: without that, whoever may write there could admit anything. */
  readonly seal: string;
}

/** Says what is sealed, so that a seal for another purpose, or of another form, is none here. */
const purpose = 'seaworthy verdict 1\n';

/** Longer contents are none of ours. */
const mostContent = 262_144;

/** Seals a verdict; undefined for one that is too long to be written down. */
export function sealVerdict(kept: KeptVerdict, key: Uint8Array): SealedVerdict | undefined {
  const content = JSON.stringify(kept);
  return content.length > mostContent ? undefined : { content, seal: sealOf(content, key).toString('hex') };
}

/** Opens a sealed verdict. Undefined for what was not sealed with this key, or not as this verdict. */
export function openVerdict({ content, seal }: SealedVerdict, key: Uint8Array): KeptVerdict | undefined {
  if (content.length > mostContent || !/^[0-9a-f]{64}$/.test(seal)) return undefined;
  if (!timingSafeEqual(Buffer.from(seal, 'hex'), sealOf(content, key))) return undefined;
  return shapeOf(JSON.parse(content) as unknown);
}

function sealOf(content: string, key: Uint8Array): Buffer {
  return createHmac('sha256', key).update(purpose).update(content).digest();
}

/** What is sealed is what we wrote; this is for what we wrote when we were another version. */
function shapeOf(value: unknown): KeptVerdict | undefined {
  const { key, standing, digest, image, verdict, at, until, staleUntil } = (value ?? {}) as Record<string, unknown>;
  if (typeof key !== 'string' || typeof digest !== 'string' || typeof image !== 'string') return undefined;
  if (standing !== undefined && typeof standing !== 'string') return undefined;
  if (!isDigest(digest) || !isTime(at) || !isTime(until) || !isTime(staleUntil)) return undefined;
  const { decision, rules, pin } = (verdict ?? {}) as Record<string, unknown>;
  if ((decision !== 'allow' && decision !== 'deny') || !Array.isArray(rules) || typeof pin !== 'boolean')
    return undefined;
  return {
    key,
    ...(standing === undefined ? {} : { standing }),
    digest,
    image,
    verdict: verdict as Verdict,
    at,
    until,
    staleUntil,
  };
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
