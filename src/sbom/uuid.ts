import { createHash } from 'node:crypto';

/** The namespace of this program's document names: random, fixed for good. */
const namespace = Buffer.from('6f0c3c1e5b1a4d0a9a53e3b7c1f6d284', 'hex');

/** A UUID that the content alone decides (RFC 9562 §5.5, version 5). */
export function uuidOfContent(content: string): string {
  const hash = createHash('sha1').update(namespace).update(content).digest().subarray(0, 16);
  hash[6] = ((hash[6] as number) & 0x0f) | 0x50;
  hash[8] = ((hash[8] as number) & 0x3f) | 0x80;
  const hex = hash.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
