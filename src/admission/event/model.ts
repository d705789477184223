/** What an event is about (Kubernetes API, ObjectReference). */
export interface EventReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  /** Absent for what is in no namespace. */
  readonly namespace?: string;
  /** Absent where it is not known, or was never given. */
  readonly uid?: string;
}

/** Something that happened to an object, and that its owners should see. */
export interface PolicyEvent {
  /** The same for what is the same again. */
  readonly key: string;
  readonly reason: 'PolicyViolation' | 'PolicyError';
  /** What was done about it: machines read it. */
  readonly action: 'Denied' | 'Admitted';
  readonly regarding: EventReference;
  /** The object, where the event is about something else. */
  readonly related?: EventReference;
  readonly note: string;
}

/** The object that a policy is, by its id; undefined for what is no object of the cluster. */
export type FindPolicy = (policy: string) => EventReference | undefined;
