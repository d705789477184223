/** What listing a cluster may take, and how much of what it says is kept; real clusters stay far below. */
export const clusterLimits = {
  /** Lists under way at a time: pages of all of them are in memory. */
  width: 3,
  /** Namespaces that are listed one by one in place of the whole cluster, so that no kind is listed more often than that. */
  namespaceLists: 3,
  /** Namespaces that are listed one by one where the whole may not be listed. */
  permittedNamespaces: 1000,
  /** Owners of owners that are followed. */
  owners: 8,
  /** Characters of a name, of a kind, and of a group with its version: Kubernetes has no longer ones, and takes longer ones for owners. */
  ownerTexts: { name: 253, kind: 63, apiVersion: 317 },
  /** Objects of one kind, or groups of Pods, that are kept. */
  objects: 500_000,
  /** Images of one object, and digests of one image. */
  images: 1000,
  digests: 1000,
  /** Labels of one object, and its pull secrets. */
  labels: 200,
  pullSecrets: 50,
  /** Characters of the name of an image in a table: none that can be pulled has more. */
  shownName: 700,
  /** Namespaces and kinds of a selection. */
  selected: 1000,
} as const;
