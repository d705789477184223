import { z } from 'zod';
import { duration, judged, listOf, text, word } from '../../../codec/yaml/schema.ts';
import type { ImageExtractor } from '../../kyverno/document/policy/model.ts';
import { kyvernoLimits } from '../../kyverno/limits.ts';
import { policyLimits } from '../../limits.ts';
import {
  kindName,
  namespacePattern,
  namespaceSelector,
  operations,
  placedObjects,
} from '../../resource/object-filter/schema.ts';
import type { ClusterMatch, ImageResource } from '../model.ts';
import { mistakesOfResource } from '../object-images.ts';
import { kindNames } from '../workload-kinds.ts';

/** Kubernetes evaluates them, in its own dialect, so that only their form is looked at (`matchConditions`: 64 at most). */
const condition = z.strictObject({
  name: text('name', /^[A-Za-z0-9](?:[\w./-]{0,251}[A-Za-z0-9])?$/, 'a name of letters, digits and . _ - /').describe(
    'name that the API server tells',
  ),
  expression: z
    .string()
    .min(1)
    .max(policyLimits.condition)
    .meta({ type: 'string' })
    .describe('over `object`, `oldObject`, `request` and `authorizer`'),
});

/** Empty for the core group; stars and question marks as in Kyverno's names of kinds. */
const part = (expected: string): z.ZodType<string> =>
  judged((given) => (/^[a-z0-9.*?-]{0,253}$/.test(given) ? undefined : `write ${expected}`));

const extractor: z.ZodType<ImageExtractor> = z.strictObject({
  path: z
    .string()
    .min(1)
    .max(policyLimits.text)
    .meta({ type: 'string' })
    .describe('members that lead there, as in `/spec/steps/*`'),
  value: z
    .string()
    .max(policyLimits.text)
    .meta({ type: 'string' })
    .exactOptional()
    .describe('the member that names the image (default: the last of `path`)'),
  name: z
    .string()
    .max(policyLimits.name)
    .meta({ type: 'string' })
    .exactOptional()
    .describe('what they are called together (default: `custom`)'),
  key: z
    .string()
    .max(policyLimits.text)
    .meta({ type: 'string' })
    .exactOptional()
    .describe('the member that tells them apart (default: their place)'),
  jmesPath: z
    .string()
    .max(policyLimits.condition)
    .meta({ type: 'string' })
    .exactOptional()
    .describe('what makes the name of the image of the text that stands there, in JMESPath'),
});

const resource: z.ZodType<ImageResource> = z
  .strictObject({
    kind: kindName.describe('the kind, such as `TaskRun`'),
    group: part('the group of an API, such as tekton.dev')
      .exactOptional()
      .describe('pattern of its group (default: any)'),
    version: part('a version of an API, such as v1').exactOptional().describe('pattern of its version (default: any)'),
    subresource: part('a subresource, such as status')
      .exactOptional()
      .describe('the part of it that it is about, such as `status` (default: the object itself)'),
    images: listOf(extractor, 1, kyvernoLimits.extractors).describe('where it names images'),
  })
  .superRefine((given, context) => {
    for (const { path, sentence } of mistakesOfResource(given))
      context.addIssue({ code: 'custom', path: [...path], message: sentence });
  });

/** Which objects of a cluster a policy is about. */
export const clusterMatch: z.ZodType<ClusterMatch> = z.strictObject({
  namespaces: listOf(namespacePattern, 1).exactOptional().describe('patterns of namespaces (default: all)'),
  exceptNamespaces: listOf(namespacePattern, 1).exactOptional().describe('patterns of namespaces that it is not about'),
  namespaceSelector: namespaceSelector.exactOptional().describe('labels that their namespaces must have'),
  kinds: listOf(word(kindNames), 1)
    .exactOptional()
    .describe(
      `kinds: ${kindNames.map((kind) => `\`${kind}\``).join(', ')} (default: all of these, or none where there are \`resources\`)`,
    ),
  resources: listOf(resource, 1, policyLimits.objects).exactOptional().describe('further kinds that name images'),
  except: listOf(placedObjects, 1, policyLimits.objects)
    .exactOptional()
    .describe('objects that it is not about; of each entry, all must hold'),
  operations: operations
    .exactOptional()
    .describe(
      'what must be done to them: `CREATE`, `UPDATE`, and for `objects` also `DELETE` (default: `CREATE`, `UPDATE`)',
    ),
  timeout: duration(1000, 30_000)
    .exactOptional()
    .describe("how long the API server waits for an answer, up to `30s` (default: the webhook's)"),
  conditions: listOf(condition, 1, 64)
    .exactOptional()
    .describe('what must be true for the API server to ask at all, in CEL of Kubernetes'),
});
