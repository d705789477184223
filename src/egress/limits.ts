/** Caps on what is read of a node, on what is written for it, and on what is asked of the network. */
export const egressLimits = {
  /** Bytes of one file of a node. */
  fileBytes: 1_048_576,
  /** Entries of one folder, such as `certs.d`. */
  folderEntries: 10_000,
  /** Links that one path leads through, as Linux has it. */
  links: 40,
  /** Files that a configuration imports. */
  imports: 200,
  /** Image hosts that are looked at. */
  hosts: 2000,
  /** Files with certificates that one `hosts.toml` names, and that are looked for. */
  certificates: 100,
  /** Hosts, addresses and networks of one list in a policy. */
  list: 500,
  /** Longest wait of a probe for a connection or an answer, in milliseconds. */
  probeMs: 5000,
  /** Probes at a time. */
  probeWidth: 8,
  /** How long the trace of a canary may take to appear, in milliseconds. */
  canaryMs: 30_000,
  /** Pages of the audit trail that are read for one look. */
  auditPages: 100,
  /** Bytes of one page of the audit trail. */
  auditBytes: 4_194_304,
  /** Bytes of a list of one tag. */
  tagBytes: 65_536,
} as const;
