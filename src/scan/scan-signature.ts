import { catalogers } from '../catalog/list.ts';
import { catalogersSignature } from '../catalog/signature.ts';

/** Raised whenever the form of what is kept of a scan changes, or which of its problems hide packages. */
const form = 3;

/** Names what this program would make of the same image. What another one made is kept until the image is scanned anew. */
export function scanSignature(): string {
  return `${form}-${catalogersSignature(catalogers)}`;
}
