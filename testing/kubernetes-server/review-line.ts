import type { ApiObject } from './ask.ts';
import type { ReviewRequest } from './recording-webhook.ts';

/** The fields that say what a review is about (admission.k8s.io/v1, `AdmissionRequest`). */
interface Subject {
  readonly operation: string;
  readonly resource: { readonly resource: string };
  readonly subResource?: string;
  readonly kind: { readonly kind: string };
  readonly name?: string;
  readonly object: ApiObject | null;
  readonly oldObject: ApiObject | null;
  readonly options: { readonly kind: string } | null;
  readonly dryRun: boolean;
}

/** What a review is about, in one line: `UPDATE pods/status Pod NAME object+oldObject UpdateOptions`, and `dry` where nothing is stored. */
export function reviewLine(request: ReviewRequest): string {
  const { operation, resource, subResource, kind, name, object, oldObject, options, dryRun } =
    request as unknown as Subject;
  const what = [resource.resource, ...(subResource === undefined ? [] : [subResource])].join('/');
  const objects = [...(object === null ? [] : ['object']), ...(oldObject === null ? [] : ['oldObject'])].join('+');
  const parts = [operation, what, kind.kind, name ?? '(no name)', objects, options?.kind ?? '(no options)'];
  return [...parts, ...(dryRun ? ['dry'] : [])].join(' ');
}
