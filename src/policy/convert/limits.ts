/** Bounds for what documents of other forms become. */
export const convertLimits = {
  /** Policies that one document becomes: each of its rules, for each kind of object and each action. */
  drafts: 100,
  /** Things that are told of one document. */
  told: 50,
  /** Lines of comments that are kept of one document. */
  comments: 50,
} as const;
