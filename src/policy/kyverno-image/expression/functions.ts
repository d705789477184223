import type { CelExtension } from '../../../lang/cel/extension.ts';
import { LangError } from '../../../lang/error.ts';
import { imageFunctions } from '../images/image-value.ts';

/** What the functions of expressions do for the object that is being judged. Each throws where it has no answer, or none yet. */
export interface ImageFunctions {
  /** How many of the attestors signed the image. */
  readonly verifyImage: (image: string, attestors: readonly string[]) => bigint;
  /** How many of them made a statement about it. */
  readonly verifyStatement: (image: string, attestation: string, attestors: readonly string[]) => bigint;
  /** What a statement says that attestors of the policy made. */
  readonly payload: (image: string, attestation: string) => unknown;
  /** Manifest and config. */
  readonly imageData: (image: string) => unknown;
  readonly get: (apiVersion: string, resource: string, namespace: string, name: string) => unknown;
  readonly list: (apiVersion: string, resource: string, namespace: string) => unknown;
  readonly globalReference: (name: string, projection: string) => unknown;
}

/** The values of `resource` and `globalContext`, by which their functions are told apart. */
export const contextValues: Readonly<Record<'resource' | 'globalContext', ReadonlyMap<string, boolean>>> = {
  resource: new Map([['resource', true]]),
  globalContext: new Map([['globalContext', true]]),
};

/**
 * The functions of Kyverno's policies in CEL (Kyverno, "ImageValidatingPolicy" and "Kyverno CEL Libraries"). There is none that speaks to
 * other servers: a policy could send there what it reads here.
 */
export function functionsFor(current: () => ImageFunctions): CelExtension {
  const resource = (value: unknown): ImageFunctions => on('resource', value, current);
  const context = (value: unknown): ImageFunctions => on('globalContext', value, current);
  return {
    ...imageFunctions,
    functions: {
      ...imageFunctions.functions,
      'verifyImageSignatures(string, list<dyn>): int': (image: string, attestors: readonly unknown[]) =>
        current().verifyImage(image, textsOf(attestors)),
      'verifyAttestationSignatures(string, string, list<dyn>): int': (
        image: string,
        attestation: string,
        attestors: readonly unknown[],
      ) => current().verifyStatement(image, attestation, textsOf(attestors)),
      'extractPayload(string, string): dyn': (image: string, attestation: string) =>
        current().payload(image, attestation),
      'getImageData(string): dyn': (image: string) => current().imageData(image),
      'map.Get(string, string, string, string): dyn': (
        value: unknown,
        apiVersion: string,
        name: string,
        namespace: string,
        object: string,
      ) => resource(value).get(apiVersion, name, namespace, object),
      'map.List(string, string, string): dyn': (value: unknown, apiVersion: string, name: string, namespace: string) =>
        resource(value).list(apiVersion, name, namespace),
      'map.Get(string, string): dyn': (value: unknown, name: string, projection: string) =>
        context(value).globalReference(name, projection),
    },
  };
}

function on(name: keyof typeof contextValues, value: unknown, current: () => ImageFunctions): ImageFunctions {
  if (value === contextValues[name]) return current();
  throw new LangError('EVALUATION', `That is a function of ${name}`);
}

function textsOf(values: readonly unknown[]): readonly string[] {
  return values.map((each) => {
    if (typeof each === 'string') return each;
    throw new LangError('EVALUATION', 'Attestors are written attestors.NAME');
  });
}
