import { z } from 'zod';
import { conditionBlock, conditions, json, texts } from '../conditions/schema.ts';
import { labelSelector, matchBlock } from '../match/schema.ts';
import type { ContextEntry, ForeachValidation, KyvernoPolicy, KyvernoRule, KyvernoValidation } from './model.ts';
import { registryCredentials, verification } from '../verification/schema.ts';

const failureAction = z.enum(['Audit', 'Enforce', 'audit', 'enforce']);
const failurePolicy = z.enum(['Fail', 'Ignore']);
const seconds = z.int().min(1).max(30);
const named = z.strictObject({ name: z.string(), expression: z.string() });
/** A field that Kubernetes or Kyverno writes and nobody reads. */
const passedOver = z.unknown().exactOptional();

const overrides = z.array(
  z.strictObject({
    action: failureAction.exactOptional(),
    namespaces: z.array(z.string()).exactOptional(),
    namespaceSelector: labelSelector.exactOptional(),
  }),
);

const contextEntry: z.ZodType<ContextEntry> = z.strictObject({
  name: z.string(),
  configMap: z.strictObject({ name: z.string(), namespace: z.string().exactOptional() }).exactOptional(),
  variable: z
    .strictObject({ value: json.exactOptional(), jmesPath: z.string().exactOptional(), default: json.exactOptional() })
    .exactOptional(),
  apiCall: z
    .strictObject({
      urlPath: z.string().exactOptional(),
      method: z.enum(['GET', 'POST']).exactOptional(),
      data: json.exactOptional(),
      service: json.exactOptional(),
      jmesPath: z.string().exactOptional(),
      default: json.exactOptional(),
    })
    .exactOptional(),
  imageRegistry: z
    .strictObject({
      reference: z.string(),
      jmesPath: z.string().exactOptional(),
      imageRegistryCredentials: registryCredentials.exactOptional(),
    })
    .exactOptional(),
  globalReference: z.strictObject({ name: z.string(), jmesPath: z.string().exactOptional() }).exactOptional(),
});

const forms = {
  pattern: json.exactOptional(),
  anyPattern: z.array(json).exactOptional(),
  deny: z.strictObject({ conditions: conditions.exactOptional() }).exactOptional(),
};

const foreach: z.ZodType<ForeachValidation> = z.lazy(() =>
  z.strictObject({
    list: z.string(),
    elementScope: z.boolean().exactOptional(),
    context: z.array(contextEntry).exactOptional(),
    preconditions: conditionBlock.exactOptional(),
    ...forms,
    foreach: z.array(foreach).exactOptional(),
  }),
);

const validation: z.ZodType<KyvernoValidation> = z.strictObject({
  message: z.string().exactOptional(),
  failureAction: failureAction.exactOptional(),
  failureActionOverrides: overrides.exactOptional(),
  allowExistingViolations: z.boolean().exactOptional(),
  ...forms,
  foreach: z.array(foreach).exactOptional(),
  cel: z
    .strictObject({
      expressions: z
        .array(
          z.strictObject({
            expression: z.string(),
            message: z.string().exactOptional(),
            messageExpression: z.string().exactOptional(),
            reason: z.string().exactOptional(),
          }),
        )
        .exactOptional(),
      variables: z.array(named).exactOptional(),
      auditAnnotations: json.exactOptional(),
      paramKind: json.exactOptional(),
      paramRef: json.exactOptional(),
      generate: z.boolean().exactOptional(),
    })
    .exactOptional(),
  podSecurity: json.exactOptional(),
  manifests: json.exactOptional(),
  assert: json.exactOptional(),
});

/** One rule. */
export const kyvernoRuleSchema: z.ZodType<KyvernoRule> = z.strictObject({
  name: z.string().min(1).max(63),
  match: matchBlock,
  exclude: matchBlock.exactOptional(),
  context: z.array(contextEntry).exactOptional(),
  preconditions: conditions.exactOptional(),
  celPreconditions: z.array(named).exactOptional(),
  imageExtractors: z
    .record(
      z.string(),
      z.array(
        z.strictObject({
          path: z.string(),
          value: z.string().exactOptional(),
          name: z.string().exactOptional(),
          key: z.string().exactOptional(),
          jmesPath: z.string().exactOptional(),
        }),
      ),
    )
    .exactOptional(),
  skipBackgroundRequests: z.boolean().exactOptional(),
  reportProperties: texts.exactOptional(),
  verifyImages: z.array(verification).exactOptional(),
  validate: validation.exactOptional(),
  mutate: json.exactOptional(),
  generate: json.exactOptional(),
});

/** A whole policy. What Kubernetes itself writes into `metadata`, and `status`, is passed over. */
export const kyvernoPolicySchema: z.ZodType<KyvernoPolicy> = z.strictObject({
  apiVersion: z.enum(['kyverno.io/v1', 'kyverno.io/v2beta1']),
  kind: z.enum(['ClusterPolicy', 'Policy']),
  metadata: z.object({
    name: z.string().min(1),
    namespace: z.string().exactOptional(),
    labels: texts.exactOptional(),
    annotations: texts.exactOptional(),
  }),
  spec: z.strictObject({
    rules: z.array(kyvernoRuleSchema).min(1),
    applyRules: z.enum(['All', 'One']).exactOptional(),
    admission: z.boolean().exactOptional(),
    background: z.boolean().exactOptional(),
    emitWarning: z.boolean().exactOptional(),
    failurePolicy: failurePolicy.exactOptional(),
    webhookTimeoutSeconds: seconds.exactOptional(),
    webhookConfiguration: z
      .strictObject({
        failurePolicy: failurePolicy.exactOptional(),
        timeoutSeconds: seconds.exactOptional(),
        matchConditions: z.array(named).exactOptional(),
      })
      .exactOptional(),
    validationFailureAction: failureAction.exactOptional(),
    validationFailureActionOverrides: overrides.exactOptional(),
    schemaValidation: z.boolean().exactOptional(),
    generateExisting: z.boolean().exactOptional(),
    generateExistingOnPolicyUpdate: z.boolean().exactOptional(),
    mutateExistingOnPolicyUpdate: z.boolean().exactOptional(),
    useServerSideApply: z.boolean().exactOptional(),
  }),
  status: passedOver,
});
