import { once } from '../../../base/once.ts';
import type { ResourceSubject } from '../model.ts';
import { requestFields } from '../request-fields.ts';
import { celValue } from './value.ts';

/** What expressions see of a request (Kubernetes, ValidatingAdmissionPolicy), made when they look at it. */
export interface RequestValues {
  readonly object: unknown;
  readonly oldObject: unknown;
  readonly request: object;
}

/**
 * The object as it is to be, as it was, and the request. What is deleted is `oldObject` alone; what is there already came by no operation
 * and of nobody.
 */
export function requestValues(subject: ResourceSubject): RequestValues {
  const { oldObject } = subject;
  const isDeleted = subject.operation === 'DELETE';
  const own = once(() => (isDeleted ? null : celValue(subject.object)));
  const old = once(() => celValue(oldObject ?? (isDeleted ? subject.object : null)));
  const values = {
    get object(): unknown {
      return own();
    },
    get oldObject(): unknown {
      return old();
    },
  };
  return {
    ...lazily(values),
    request: lazily(values, celValue(requestFields(subject)) as object),
  };
}

/** Copies members that are made when they are looked at, which a spread would look at. */
function lazily<Values extends object>(values: Values, more: object = {}): Values {
  return Object.defineProperties({ ...more }, Object.getOwnPropertyDescriptors(values)) as Values;
}
