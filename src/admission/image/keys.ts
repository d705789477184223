import { hash } from 'node:crypto';
import type { ImageQuestion, ImageSource, NamedImage } from './model.ts';

/**
 * The same for questions to which the answer is the same, whoever asks: what is verified of an image does not hang on whose credentials
 * it was read with. SHA-256 in hexadecimal.
 *
 * @param evidence of the same question (`evidenceKey`)
 */
export function questionKey({ image, pins, context }: Omit<ImageQuestion, 'access'>, evidence: string): string {
  const { tag } = image.reference;
  return hashOf([evidence, namedBy(image), tag ?? null, pins, context ?? null]);
}

/**
 * The same for questions that need to know the same. SHA-256 in hexadecimal. Another database has anew only what asks for flaws.
 *
 * @param source whose revision counts
 */
export function evidenceKey(question: Asked, { revision, trusted }: Pick<ImageSource, 'revision' | 'trusted'>): string {
  const asksForFlaws = question.policy.rules.some(({ needs }) => needs.kinds.includes('vulnerabilities'));
  return keyOf(question, asksForFlaws ? revision() : trusted());
}

/** The same as {@link evidenceKey} whichever database is asked. */
export function standingKey(question: Asked, { trusted }: Pick<ImageSource, 'trusted'>): string {
  return keyOf(question, trusted());
}

type Asked = Pick<ImageQuestion, 'policy' | 'image' | 'gate'>;

function keyOf({ policy, image, gate }: Asked, revision: string): string {
  const { registry, repository } = image.reference;
  return hashOf([policy.hash, revision, registry, repository, image.digest, gate]);
}

/** Whether an image is called by its digest, where nothing can be put in its place. */
export function namedBy({ reference }: NamedImage): 'tag' | 'digest' {
  return reference.digest === undefined ? 'tag' : 'digest';
}

function hashOf(parts: unknown): string {
  return hash('sha256', JSON.stringify(parts));
}
