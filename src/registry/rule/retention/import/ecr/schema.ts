import { z } from 'zod';

/** Most rules of a policy (Amazon ECR service quotas, "Rules per lifecycle policy"). */
const mostRules = 50;

const tagList = z.array(z.string().min(1).max(128)).min(1).max(100).optional();

const selection = z.strictObject({
  tagStatus: z.enum(['tagged', 'untagged', 'any']),
  tagPatternList: tagList,
  tagPrefixList: tagList,
  storageClass: z.enum(['standard', 'archive']).optional(),
  countType: z.enum(['imageCountMoreThan', 'sinceImagePushed', 'sinceImagePulled', 'sinceImageTransitioned']),
  countUnit: z.literal('days').optional(),
  countNumber: z.int().min(1).max(1_000_000),
});

const action = z.strictObject({
  type: z.enum(['expire', 'transition']),
  targetStorageClass: z.literal('archive').optional(),
});

/** A lifecycle policy (Amazon ECR user guide, "Lifecycle policy properties"). */
export const ecrPolicy: z.ZodType<EcrPolicy> = z.strictObject({
  rules: z
    .array(
      z.strictObject({
        rulePriority: z.int().min(1).max(1_000_000),
        description: z.string().max(256).optional(),
        selection,
        action,
      }),
    )
    .min(1)
    .max(mostRules),
});

const setting = z.looseObject({
  repositoryName: z.string().min(1).max(256),
  imageTagMutability: z.string().max(100),
  imageTagMutabilityExclusionFilters: z
    .array(z.looseObject({ filterType: z.string().max(100), filter: z.string().max(1000) }))
    .max(100)
    .optional(),
});

/** What ECR's command line gives around a policy (`get-lifecycle-policy`), or of repositories (`describe-repositories`). */
export const ecrAnswer: z.ZodType<EcrAnswer> = z.union([
  z.looseObject({ lifecyclePolicyText: z.string(), repositoryName: z.string().min(1).max(256) }),
  z.looseObject({ repositories: z.array(setting).max(10_000) }),
]);

/** {@link ecrAnswer}, as read. */
export type EcrAnswer =
  | { readonly lifecyclePolicyText: string; readonly repositoryName: string }
  | {
      readonly repositories: readonly {
        readonly repositoryName: string;
        readonly imageTagMutability: string;
        readonly imageTagMutabilityExclusionFilters?:
          | readonly { readonly filterType: string; readonly filter: string }[]
          | undefined;
      }[];
    };

/** What a rule is about, and from when on. */
export interface EcrSelection {
  readonly tagStatus: 'tagged' | 'untagged' | 'any';
  readonly tagPatternList?: readonly string[] | undefined;
  readonly tagPrefixList?: readonly string[] | undefined;
  readonly storageClass?: 'standard' | 'archive' | undefined;
  readonly countType: 'imageCountMoreThan' | 'sinceImagePushed' | 'sinceImagePulled' | 'sinceImageTransitioned';
  readonly countUnit?: 'days' | undefined;
  readonly countNumber: number;
}

/** One rule of a policy. */
export interface EcrRule {
  readonly rulePriority: number;
  readonly description?: string | undefined;
  readonly selection: EcrSelection;
  readonly action: { readonly type: 'expire' | 'transition'; readonly targetStorageClass?: 'archive' | undefined };
}

/** {@link ecrPolicy}, as read. */
export interface EcrPolicy {
  readonly rules: readonly EcrRule[];
}
