/** What judging one object may take. */
export const resourceLimits = {
  /** Times that policies are asked: a context entry may need another, and images come after them. */
  rounds: 40,
  /** Images of one object that are judged, and at once. Kubernetes itself lets an object have about 1.5 MB. */
  images: 500,
  width: 10,
  /** Things that the policies look up for one object. */
  lookups: 500,
} as const;
