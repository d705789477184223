import type { JsonObject, JsonValue } from '../../src/lang/jmespath/value.ts';
import type { WorldKind } from './judge-alike.ts';

/** Objects of Tekton that name images, as its policies look for them. */
export const tektonKinds: readonly WorldKind[] = [
  ofTekton('PipelineRun', (images) => ({ spec: { pipelineRef: referenceTo(images) } })),
  ofTekton('TaskRun', (images) => ({ spec: { taskRef: referenceTo(images) } })),
  ofTekton('TaskRun', statusOf, 'status'),
  ofTekton('TaskRun', statusOf, 'status', 'v1beta1'),
];

function ofTekton(
  kind: string,
  objectOf: (images: readonly JsonValue[]) => JsonObject,
  subresource = '',
  version = 'v1',
): WorldKind {
  return { kind, group: 'tekton.dev', version, subresource, objectOf: (pod) => objectOf(imagesIn(pod)) };
}

function imagesIn(pod: JsonObject): readonly JsonValue[] {
  return Object.values(pod).flatMap((list) =>
    (list as readonly { readonly image: string }[]).map(({ image }) => image),
  );
}

/** A reference without a bundle is one to something in the cluster; a name is what tells images apart. */
function referenceTo([bundle = null, ...more]: readonly JsonValue[]): JsonObject {
  return { ...(more.length > 2 ? {} : { name: 'build' }), ...(bundle === null ? {} : { bundle }) };
}

function statusOf(images: readonly JsonValue[]): JsonObject {
  return {
    status: { taskSpec: { steps: images.map((image, at) => ({ name: at < 3 ? `step-${at}` : 'step-0', image })) } },
  };
}
