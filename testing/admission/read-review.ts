import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Reviews as API servers send them, made by hand: `testing/admission/reviews/NAME.json`. */
export const reviewNames = [
  'create-pod',
  'create-generate-name',
  'create-dry-run',
  'update-pod',
  'update-ephemeral-containers',
  'delete-pod',
] as const;

/** One of {@link reviewNames}. */
export type ReviewName = (typeof reviewNames)[number];

/** The bytes of a review, without the blanks that make its file readable. */
export function readReview(name: ReviewName): Buffer {
  const text = readFileSync(join(import.meta.dirname, 'reviews', `${name}.json`), 'utf8');
  return Buffer.from(JSON.stringify(JSON.parse(text)));
}
