import type { CelExtension } from '../../../lang/cel/extension.ts';
import { OciError } from '../../../oci/error.ts';
import { dockerHub, parseReference, type Reference } from '../../../oci/reference.ts';

/** An image in expressions (Kyverno, "Image library"). */
class ImageValue {
  readonly reference: Reference;

  constructor(reference: Reference) {
    this.reference = reference;
  }
}

/** Functions that take the names of images apart, under the names that Go's library gives their parts: `index.docker.io`. */
export const imageFunctions: CelExtension = {
  types: { 'kyverno.Image': ImageValue },
  functions: {
    'image(string): kyverno.Image': (text: string) => new ImageValue(parseReference(text)),
    'parseImageReference(string): kyverno.Image': (text: string) => new ImageValue(parseReference(text)),
    'isImage(string): bool': isImage,
    'kyverno.Image.containsDigest(): bool': ({ reference }: ImageValue) => reference.digest !== undefined,
    'kyverno.Image.registry(): string': ({ reference }: ImageValue) => hostOf(reference),
    'kyverno.Image.repository(): string': ({ reference }: ImageValue) => reference.repository,
    'kyverno.Image.identifier(): string': ({ reference: { tag, digest } }: ImageValue) => digest ?? tag ?? 'latest',
    'kyverno.Image.tag(): string': ({ reference: { tag, digest } }: ImageValue) =>
      digest === undefined ? (tag ?? 'latest') : '',
    'kyverno.Image.digest(): string': ({ reference: { digest } }: ImageValue) => digest ?? '',
    'kyverno.Image.identifierWithSeparator(): string': ({ reference: { tag, digest } }: ImageValue) =>
      `${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`,
  },
};

function isImage(text: string): boolean {
  try {
    parseReference(text);
    return true;
  } catch (error) {
    if (error instanceof OciError) return false;
    throw error;
  }
}

function hostOf({ registry }: Reference): string {
  return registry === dockerHub ? `index.${dockerHub}` : registry;
}
